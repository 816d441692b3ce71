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
builder.AddWorkerTelemetry();
builder.Services.AddTodoFlowFunctions(builder.Configuration);
builder.Services.AddSingleton<IFunctionMetadataTransformer, KafkaTriggerSecurity>(); // the standalone host reads the settings itself
builder.Build().Run();
