import Descent
import Testing

/// Results of Descent's functions, by the name that PyTorch's have in Documentation/Names.md.
typealias Values = [String: [Tensor]]

/// Each row of Documentation/Names.md against what PyTorch made of the same operands: by default arguments where the row
/// names no difference, and by those that it names otherwise.
@Suite("names against PyTorch")
struct NamesTests {
  /// Names that have no values to compare, with the reason.
  static let withoutValue: [String: Set<String>] = [
    "what it gives is random": [
      "Generator", "rand", "randn", "normal", "nn.init.trunc_normal_", "randint", "bernoulli", "multinomial",
      "F.gumbel_softmax", "randperm", "distributions.Exponential", "distributions.Gamma", "distributions.Beta",
      "distributions.Dirichlet", "distributions.Laplace", "distributions.Gumbel", "distributions.Cauchy",
      "distributions.LogNormal", "distributions.Weibull", "distributions.Pareto", "distributions.StudentT",
      "distributions.Chi2", "distributions.MultivariateNormal", "poisson", "distributions.Poisson", "binomial",
      "distributions.Binomial", "distributions.Geometric", "distributions.NegativeBinomial",
      "distributions.Multinomial", "nn.Dropout", "nn.init.uniform_", "nn.init.normal_", "nn.init.xavier_uniform_",
      "nn.init.xavier_normal_", "nn.init.kaiming_uniform_", "nn.init.kaiming_normal_",
      "nn.init.orthogonal_", "nn.Dropout1d", "nn.Dropout2d", "nn.Dropout3d", "nn.AlphaDropout",
    ],
    "Tests/LayersTests holds it against PyTorch's values, with its gradient": [
      "nn.RMSNorm", "nn.GroupNorm", "nn.InstanceNorm1d", "nn.InstanceNorm2d", "nn.InstanceNorm3d",
      "nn.utils.parametrizations.weight_norm", "nn.utils.parametrizations.spectral_norm", "nn.RNN", "nn.LSTM", "nn.GRU",
      "nn.RNNCell", "nn.LSTMCell", "nn.GRUCell", "nn.utils.rnn.pack_padded_sequence",
      "nn.utils.rnn.pad_packed_sequence",
    ],
    "a property": ["shape", "ndim", "numel()", "dtype"],
    "it changes how a function runs, not what it gives": [
      "Module.train", "Module.eval", "compile", "utils.checkpoint.checkpoint", "Module.requires_grad_", "autocast",
    ],
    "its values are in Tests/TextTests/pretrained-values.txt": [
      "transformers.AutoModelForCausalLM.from_pretrained", "transformers.BertModel.from_pretrained",
      "sentence_transformers.SentenceTransformer", "SentenceTransformer.encode",
    ],
    "it is about whole models": [
      "nn.Module", "Module.state_dict", "save", "Module.load_state_dict", "Module.load_state_dict(strict=False)",
      "optim.swa_utils.AveragedModel", "nn.Sequential", "nn.ModuleList",
    ],
    "it is about data sets": [
      "utils.data.Dataset", "utils.data.TensorDataset", "utils.data.DataLoader", "utils.data.random_split",
      "utils.data.Subset", "utils.data.ConcatDataset", "utils.data.StackDataset", "utils.data.WeightedRandomSampler",
      "utils.data.IterableDataset", "nn.utils.rnn.pad_sequence",
    ],
    "it changes pictures at random": [
      "transforms.RandomCrop", "transforms.RandomResizedCrop", "transforms.RandomHorizontalFlip",
      "transforms.RandomVerticalFlip", "transforms.RandomRotation", "transforms.RandomAffine", "transforms.ColorJitter",
      "transforms.RandomGrayscale", "transforms.RandomErasing", "transforms.Normalize", "transforms.MixUp",
      "transforms.CutMix",
      "datasets.ImageFolder",
    ],
    "its values are in Tests/LayersTests/attention-values.txt": [
      "nn.MultiheadAttention", "nn.TransformerEncoderLayer", "nn.TransformerDecoderLayer",
    ],
    "the user writes the function": ["autograd.Function", "autograd.Function.jvp"],
  ]

  /// Names whose values are not the same to the last places, with what they may differ by.
  private static let tolerances: [String: Double] = [
    // PyTorch adds 10⁻⁶ to the differences.
    "F.triplet_margin_loss": 1e-5,
    // PyTorch's rounds of the polynomial are in bfloat16.
    "optim.Muon": 2e-2,
  ]

  private static func values() throws -> Values {
    var values: Values = [:]
    for part in try [
      creation(), elementwise(), activations(), choices(), shapes(), indexing(), order(), reductions(), cumulative(),
      products(), linearAlgebra(), fourier(), convolutions(), pooling(), normalization(), losses(), transforms(),
      layers(), imageLayers(), optimizers(), schedules(),
    ] {
      values.merge(part) { _, second in second }
    }
    return values
  }

  @Test func everyRowHasValuesOrAReasonForNone() throws {
    let (values, stored) = try (Self.values(), StoredValues().results)
    let excused = Self.withoutValue.values.reduce(into: Set<String>()) { $0.formUnion($1) }
    let rows = try NamesPage.rows()
    #expect(rows.count > 200)
    for row in rows {
      for name in row.names where !excused.contains(name) {
        #expect(stored[name] != nil, "\(row): scripts/names-values.py has nothing for \(name)")
        #expect(values[name] != nil, "\(row): there is no value for \(name) in these tests")
      }
    }
    let named = Set(rows.flatMap(\.names))
    #expect(Set(values.keys).subtracting(named).sorted() == [], "values of names that the page does not have")
    #expect(Set(stored.keys).subtracting(named).sorted() == [], "stored values of names that the page does not have")
    #expect(excused.subtracting(named).sorted() == [], "reasons for names that the page does not have")
    #expect(excused.intersection(stored.keys).sorted() == [], "reasons for names that have values")
  }

  @Test func valuesArePyTorchs() throws {
    let stored = try StoredValues().results
    for (name, tensors) in try Self.values().sorted(by: { $0.key < $1.key }) {
      let wanted = stored[name] ?? []
      #expect(tensors.count == wanted.count, "\(name)")
      for (index, (tensor, result)) in zip(tensors, wanted).enumerated() {
        let found = try tensor.scalars()
        #expect(tensor.shape.sizes == result.sizes, "\(name), result \(index)")
        let tolerance = Self.tolerances[name] ?? 1e-10
        let differing = zip(found, result.numbers).filter { !Self.agree($0, $1, tolerance) }
        #expect(differing.isEmpty, "\(name), result \(index): \(differing.prefix(4))")
      }
    }
  }

  private static func agree(_ a: Double, _ b: Double, _ tolerance: Double) -> Bool {
    a == b || (a.isNaN && b.isNaN) || abs(a - b) <= tolerance * max(1, abs(b))
  }
}
