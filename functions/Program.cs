using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.HttpOverrides;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Azure.Functions.Worker.Builder;
using Microsoft.Azure.Functions.Worker.Core.FunctionMetadata;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using TodoFlow.Functions;
using TodoFlow.Functions.Events;
using TodoFlow.Functions.Middleware;
using TodoFlow.Functions.Observability;

// Azure Functions starts the app here. The order matters: middleware added before ConfigureFunctionsWebApplication
// sees no HttpContext. The standalone host adds the same middleware in the same order (FunctionsSetup.Middleware).
var builder = FunctionsApplication.CreateBuilder(args);
builder.ConfigureFunctionsWebApplication();
builder.UseMiddleware<CorrelationMiddleware>();
builder.UseMiddleware<ProblemMiddleware>();
builder.UseMiddleware<AuthenticationMiddleware>();
builder.UseMiddleware<RateLimitMiddleware>();
builder.UseMiddleware<ConcurrencyMiddleware>();
builder.AddWorkerTelemetry();
builder.Services.AddTodoFlowFunctions(builder.Configuration);
builder.Services.AddSingleton<IFunctionMetadataTransformer, KafkaTriggerSecurity>(); // the standalone host reads the settings itself

// Only the host calls the worker's server. ClientAddress reads what its proxy says of the caller; the host limits bodies, and
// RequestReading more so: a limit in between would cut the connection to the host, whose client then gets an empty 500.
builder.Services.PostConfigure<ForwardedHeadersOptions>(forwarded => forwarded.ForwardedHeaders &= ~ForwardedHeaders.XForwardedFor);
builder.Services.Configure<KestrelServerOptions>(kestrel => kestrel.Limits.MaxRequestBodySize = null);
builder.Build().Run();
