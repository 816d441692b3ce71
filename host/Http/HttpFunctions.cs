using System.Diagnostics;
using Microsoft.AspNetCore.Routing.Patterns;
using Microsoft.Extensions.Options;
using TodoFlow.Functions.Observability;
using TodoFlow.Host.Configuration;
using TodoFlow.Host.Discovery;
using TodoFlow.Host.Invocation;
using TodoFlow.Host.Lifetime;
using TodoFlow.Host.Realtime;

namespace TodoFlow.Host.Http;

/// <summary>The HTTP functions as endpoints of ASP.NET Core.</summary>
internal sealed partial class HttpFunctions(
    InvocationPipeline pipeline, HostSettings settings, IOptions<CorsSettings> cors, ILogger<HttpFunctions> logger)
{
    /// <summary>Maps every HTTP function, and answers what none of them serves.</summary>
    /// <exception cref="HostStartException">A route has a constraint that routing does not know.</exception>
    public void Map(WebApplication app, FunctionCatalog catalog)
    {
        app.Use(app.Services.GetRequiredService<Drain>().EndConnections);
        app.UseRouting();
        if (cors.Value.AllowedOrigins.Length > 0)
        {
            app.UseCors(cors.Value.Allow); // of everything that is served, the hub included
        }

        if (settings.MetricsAddress is not null)
        {
            app.Use(next => http =>
            {
                if (MetricsConnection.IsOf(http) && !IsAboutTheProcess(http.GetEndpoint()))
                {
                    http.SetEndpoint(null);
                }

                return next(http);
            });
        }

        app.Use(next => http => http.GetEndpoint()?.Metadata is { } metadata
            && (metadata.GetMetadata<HostedFunction>() is not null || metadata.GetMetadata<HostedEndpoint>() is not null)
                ? next(http)
                : HostProblems.Unrouted(http));
        app.UseEndpoints(endpoints =>
        {
            var policies = app.Services.GetRequiredService<ParameterPolicyFactory>();
            foreach (var function in catalog.Functions)
            {
                if (function.Trigger is HttpTrigger trigger)
                {
                    Map(endpoints, policies, function, trigger);
                }
            }
        });
    }

    // What the address of the metrics serves besides them: who reaches it may know how the process is, and no more.
    private static bool IsAboutTheProcess(Endpoint? endpoint) =>
        endpoint?.Metadata.GetMetadata<HostedFunction>()?.Trigger is HttpTrigger { Route: var route }
        && (route == "metrics" || route == "health" || route.StartsWith("health/", StringComparison.Ordinal));

    private void Map(IEndpointRouteBuilder endpoints, ParameterPolicyFactory policies, HostedFunction function, HttpTrigger trigger)
    {
        var pattern = RoutePatternFactory.Parse(trigger.Route);
        RequireKnownConstraints(policies, function, pattern);
        var endpoint = endpoints.Map(pattern, http => Serve(function, trigger.Route, http)).WithDisplayName(function.Name).WithMetadata(function);
        if (trigger.Methods.Count > 0)
        {
            endpoint.WithMetadata(new HttpMethodMetadata(trigger.Methods));
        }
    }

    private async Task Serve(HostedFunction function, string route, HttpContext http)
    {
        var span = Activity.Current is { IsAllDataRequested: true } requested ? requested : null;
        try
        {
            var context = new InvocationContext(function, http);
            await pipeline.Run(context);
            if (context.Result is IResult result && !http.Response.HasStarted)
            {
                await result.ExecuteAsync(http);
            }
        }
        catch (Exception) when (http.RequestAborted.IsCancellationRequested)
        {
            // The client is gone, and whatever failed because of it has nobody to answer.
        }
        catch (BadHttpRequestException error) when (!http.Response.HasStarted)
        {
            await HostProblems.Refused(http, error);
        }
        catch (Exception error) when (!http.Response.HasStarted)
        {
            LogFailed(error, function.Name);
            await HostProblems.Failed(http);
        }
        finally
        {
            Describe(span, route, http);
        }
    }

    // Semantic conventions for HTTP server spans: what ASP.NET Core does not say itself.
    private static void Describe(Activity? span, string route, HttpContext http)
    {
        if (span is null)
        {
            return;
        }

        span.DisplayName = $"{http.Request.Method} {route}";
        span.SetTag("http.route", route).SetTag("http.response.status_code", http.Response.StatusCode);
        if (http.Response.StatusCode >= StatusCodes.Status500InternalServerError)
        {
            span.SetStatus(ActivityStatusCode.Error).SetTag("error.type", $"{http.Response.StatusCode}");
        }
    }

    // Routing itself would find out with the first request.
    private static void RequireKnownConstraints(ParameterPolicyFactory policies, HostedFunction function, RoutePattern pattern)
    {
        foreach (var parameter in pattern.Parameters)
        {
            foreach (var policy in parameter.ParameterPolicies)
            {
                try
                {
                    policies.Create(parameter, policy);
                }
                catch (Exception error) when (error is InvalidOperationException or RouteCreationException or ArgumentException or FormatException)
                {
                    throw HostStartException.ForFunction(
                        function.Name, $"has the route '{pattern.RawText}', whose constraint '{policy.Content}' routing does not know");
                }
            }
        }
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "{Function} failed outside of its middleware")]
    private partial void LogFailed(Exception error, string function);
}
