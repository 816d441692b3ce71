using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker;
using TodoFlow.Functions.Http;

namespace TodoFlow.Functions.Web;

/// <summary>The web app: its page at <c>/</c> and wherever a browser goes in it, and its files. What is none of it is left to <see cref="WrongRoute"/>'s problem.</summary>
/// <remarks>The Azure host tries routes in the order of the functions' names, so this one has to be the last but <see cref="WrongRoute"/>; a test holds it to that.</remarks>
public sealed class WebPage(WebFiles files, ServedRoutes routes)
{
    /// <summary>200 with the page or a file, or 304; otherwise 405 with <c>Allow</c> where the address is known with another method, or 404.</summary>
    [Function(nameof(WebPage))]
    [AllowAnonymous] // the page holds nothing of anybody's
    public IResult Run([HttpTrigger(AuthorizationLevel.Anonymous, "get", "head", Route = WrongRoute.Route)] HttpRequest request) =>
        files.Find(request) ?? throw WrongRoute.ProblemOf(request.HttpContext, routes.MethodsOf(request.HttpContext)).AsException();
}
