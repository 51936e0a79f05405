using System.Globalization;
using Bft.Cli;

CultureInfo.DefaultThreadCurrentCulture = CultureInfo.CurrentCulture = CultureInfo.InvariantCulture;
return await BftCommand.Create().Parse(args).InvokeAsync();
