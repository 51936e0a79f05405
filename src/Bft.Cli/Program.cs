using Bft.Cli;

return await BftCommand.Create().Parse(args).InvokeAsync();
