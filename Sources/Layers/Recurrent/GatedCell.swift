import DescentGraph
import DescentTensors

/// A cell of several gates, whose weights lie side by side: what the library's own cells have in common.
protocol GatedCell: RecurrentCell {
  /// The number of gates, the candidate included.
  static var gates: Int { get }
  /// The weights of inputs `[features, gates · units]`.
  var inputWeight: Parameter { get set }
  /// The weights of the state `[units, gates · units]`.
  var stateWeight: Parameter { get set }
  /// What is added `[gates · units]`.
  var bias: Parameter? { get set }
  /// The number of outputs.
  var units: Int { get }
  /// How the weights of inputs are initialized, each gate's on their own.
  var inputInitializer: Initializer { get }
  /// How the weights of the state are initialized, each gate's on their own.
  var stateInitializer: Initializer { get }
}

extension GatedCell {
  var site: LayerSite { LayerSite("\(Self.self)", holding: stateWeight) }

  /// The products of inputs `[…, features]` with the weights of all gates, and the bias.
  ///
  /// - Parameter biases: What each gate's bias begins with.
  func projected(_ inputs: Tensor, biases: [Double]? = nil) -> Tensor {
    if inputs.error != nil { return inputs }
    let site = site
    if let refusal = refusalOfUnits { return refusal }
    guard let features = inputs.shape.last else {
      return site.failure("takes an input […, features], found \(inputs.shape)")
    }
    if let refusal = site.refusal(of: inputs) { return refusal }
    let width = Self.gates * units
    if let made = inputWeight.tensor, made.rank == 2, made.shape[1] == width, made.shape[0] != features {
      return site.failure("was made for \(made.shape[0]) features, found an input \(inputs.shape)")
    }
    let inputs = Run.current.input(inputs)
    let matrix = site.values(of: inputWeight, [features, width], inputs.elementType) { key, type in
      sideBySide(inputInitializer, [features, units], key, type)
    }
    let products = matmul(inputs, matrix)
    guard let bias else { return products }
    return products
      + site.values(of: bias, [width], inputs.elementType) { _, type in
        concatenated(
          (biases ?? [0]).map { Tensor(repeating: $0, shape: [biases == nil ? width : units], type) }, axis: 0)
      }
  }

  /// An error where there are no units, or too many, else `nil`.
  private var refusalOfUnits: Tensor? {
    // Far beyond any layer, and small enough for the gates of all units to be counted.
    let limits = 1...(1 << 30)
    return limits.contains(units) ? nil : site.failure("has \(units) units; it needs \(limits)")
  }

  /// The number of columns of all gates' weights.
  func width() throws -> Int {
    if let error = refusalOfUnits?.error { throw error }
    return Self.gates * units
  }

  /// So many gates, which lie side by side along the last axis.
  func parts(_ x: Tensor, _ count: Int) -> [Tensor] {
    (0..<count).map { x.sliced($0 * units..<($0 + 1) * units, axis: 1) }
  }

  /// The weights of the state, in the type of the computation.
  func stateMatrix(_ elementType: ElementType) -> Tensor {
    site.values(of: stateWeight, [units, Self.gates * units], elementType) { key, type in
      sideBySide(stateInitializer, [units, units], key, type)
    }
  }

  /// An error where what a step is given is not that of this cell, else `nil`.
  func refusal(_ input: Tensor, _ states: Tensor...) -> Tensor? {
    if let failed = ([input] + states).first(where: { $0.error != nil }) { return failed }
    if let refusal = refusalOfUnits { return refusal }
    guard input.rank == 2, input.shape[1] == Self.gates * units else {
      return site.failure("takes an input [batch, features], found one that was prepared as \(input.shape)")
    }
    if let wrong = states.first(where: { $0.shape != [input.shape[0], units] }) {
      return site.failure("takes a state [\(input.shape[0]), \(units)], found \(wrong.shape)")
    }
    if let wrong = states.first(where: { $0.elementType != input.elementType }) {
      return site.failure(
        "computes in \(input.elementType), the state is \(wrong.elementType); convert one with converted(to:)")
    }
    return nil
  }

  private func sideBySide(
    _ initializer: Initializer, _ shape: Shape, _ key: RandomKey, _ type: ElementType
  ) -> Tensor {
    concatenated((0..<Self.gates).map { initializer.values(shape, key: key.split($0), type) }, axis: 1)
  }
}
