// Cells change the current folder and the console, which belong to the process.
[assembly: CollectionBehavior(DisableTestParallelization = true)]
