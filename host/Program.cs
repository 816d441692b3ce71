using TodoFlow.Host.Commands;

return await HostCommands.Run(args);
