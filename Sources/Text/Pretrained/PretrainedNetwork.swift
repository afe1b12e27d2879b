import DescentFiles
import DescentGraph
import DescentLayers
import DescentTensors

/// A model that takes its structure and its weights from a folder in Hugging Face's form.
protocol PretrainedNetwork: Model {
  /// What `config.json` calls such models.
  static var modelTypes: [String] { get }

  /// Which tensors of a checkpoint become which parameters.
  static func weights(of modelType: String) -> WeightTable

  /// The model without values.
  ///
  /// - Parameters:
  ///   - settings: What `config.json` says.
  ///   - names: The names of the checkpoint's tensors, for parts that are there where they have values.
  init(_ settings: SettingsFile, holding names: Set<String>) throws

  /// What a pass makes of a token, in which every parameter takes part.
  func example() -> [Tensor]
}

extension PretrainedNetwork {
  /// The model of a folder.
  ///
  /// - Throws: `FileError` where something in the folder is missing, damaged, or of another kind.
  static func reading(_ folder: PretrainedFolder, as elementType: ElementType) throws -> Self {
    guard elementType.isFloatingPoint else {
      throw TextError("\(Self.self)", "computes with floating-point numbers; its weights cannot be \(elementType)")
    }
    try folder.check(isOneOf: modelTypes, for: "\(Self.self)")
    let weights = try folder.weights()
    let model = try Self(folder.settings, holding: Set(weights.names))
    let shapes: [String: Shape]
    do { shapes = try parameterShapes(of: model) { $0.example() } } catch let error as TensorError {
      throw FileError(folder.settings.path, "asks for a model that cannot be: \(error)")
    }
    return try Self.weights(of: folder.modelType).model(model, shapes: shapes, taking: weights, as: elementType)
  }
}

/// The largest number of layers that is believed.
let layerLimit = 4_096
