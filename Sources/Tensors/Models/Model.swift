/// A value with parameters: a layer, a network, or whatever else holds tensors, of any number of inputs.
///
/// A model is a plain `Codable` value. Its properties are parameters, tensors, further models and settings; its `Codable`
/// conformance, which Swift writes, is how it is walked, so that `encoder.conv1.weight` is both where a parameter stands
/// and what it is called in errors and files. Whoever declares the conformance has everything that models have: they are
/// saved and loaded, summarised, given initial values, frozen in part, trained, and computed with parameter by parameter.
///
/// ```swift
/// struct Matcher: Model {
///   var left = Dense(units: 64)
///   var right = Dense(units: 64)
///   func callAsFunction(_ a: Tensor, _ b: Tensor) -> Tensor { (left(a) * right(b)).sum(axes: -1) }
/// }
/// let model = try Matcher().initialized(seed: 1) { $0(a, b) }
/// ```
///
/// A function of one value, which may itself hold several tensors, is a `Layer`.
public protocol Model: Codable, Sendable {}

extension Model {
  /// What is known of the model's parameters, in the order of its properties: where they stand, of what shape they are
  /// and what becomes of them during training.
  ///
  /// - Complexity: O(properties).
  public var parameters: [ParameterInfo] { (try? ModelTree(self))?.leaves.map(ParameterInfo.init) ?? [] }
}
