namespace Bft.Research.World;

/// <summary>A disease with a genetic cause.</summary>
/// <param name="Name">Name.</param>
/// <param name="Genes">Symbols of causal genes; a selection.</param>
/// <param name="System">Affected system, such as <c>nervous</c>.</param>
/// <param name="Inheritance">Mode of inheritance, or <c>somatic</c>, or <c>complex</c>.</param>
public sealed record Disease(string Name, IReadOnlyList<string> Genes, string System, string Inheritance);
