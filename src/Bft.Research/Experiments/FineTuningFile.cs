using Bft.Research.Data;
using Bft.Research.Experiments.Passages;
using Bft.Research.World;

namespace Bft.Research.Experiments;

/// <summary>Teaches a user's own conversations: the first rows of a JSON Lines file are trained on, the rows after them are held out.</summary>
/// <remarks>General text is generated everyday prose, so nothing but the file is needed. There is no other phrasing of a row, so learning and carrying over are what is asked.</remarks>
internal sealed class FineTuningFile(ExperimentProfile profile, ExperimentFolders folders, ulong seed)
{
    public FineTuningMaterial Build(ExampleBuilder rows, ExampleBuilder text)
    {
        var scale = profile.FineTuning;
        var path = folders.Resolve(scale.Rows);
        var all = rows.FromConversations(ConversationReader.Read(path)).Take(scale.TrainingRows + scale.HeldOutRows).ToList();
        if (all.Count < scale.TrainingRows + scale.HeldOutRows)
            throw new InvalidDataException($"{path}: expected {scale.TrainingRows} rows to train on and {scale.HeldOutRows} more, actual {all.Count} that can be used.");
        var training = all[..scale.TrainingRows];
        const string Gain = "unseen rows";
        var general = new WorldPassages(MiniWorld.Load(folders.Resolve("mini")), seed).Take(WorldPassages.Everyday, scale.GeneralRows);
        return new(
            training,
            [
                new("trained rows", "whether the rows are learned", [.. training.Take(scale.HeldOutRows)], []),
                new(Gain, "whether it carries over to other rows", all[scale.TrainingRows..], []),
                FineTuningMaterial.GeneralText(general, text, profile.Separator),
            ],
            Gain,
            FineTuningMaterial.General);
    }
}
