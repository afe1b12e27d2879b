import DescentGraph
import DescentTensors

/// Sets a random fraction of the elements to 0 while training, and leaves the input as it is otherwise.
///
/// What remains is divided by the fraction that is kept, so that sums keep their expected size. Source: Srivastava et al.,
/// 2014.
public struct Dropout: Layer {
  /// The fraction of the elements that is dropped, at least 0 and less than 1.
  public let rate: Double

  /// A layer that drops the given fraction of the elements.
  public init(rate: Double) { self.rate = rate }

  public func callAsFunction(_ input: Tensor) -> Tensor {
    if input.error != nil { return input }
    let site = LayerSite("Dropout")
    guard rate >= 0, rate < 1 else { return site.failure("its rate must be at least 0 and less than 1, found \(rate)") }
    if let refusal = site.refusal(of: input) { return refusal }
    let input = Run.current.input(input)
    guard Run.current.isTraining, rate > 0 else { return input }
    guard let key = Run.current.nextKey() else { return input }
    let isKept = key.bernoulli(input.shape, probability: 1 - rate)
    let zero = Tensor(repeating: 0, shape: [], input.elementType)
    return `where`(isKept, input * Tensor(repeating: 1 / (1 - rate), shape: [], input.elementType), zero)
  }
}
