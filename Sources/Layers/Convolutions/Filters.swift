import DescentGraph
import DescentTensors

/// The filters of a convolution: how many are learned, how large they are, and how they slide over the input.
public struct Filters: Sendable, Hashable, Codable {
  /// The number of filters, which is the number of output channels.
  public let count: Int
  /// The size of a filter along each spatial axis; one size serves all axes.
  public let sizes: [Int]
  /// The distance between neighboring places of a filter along each spatial axis; one serves all axes.
  public let strides: [Int]
  /// What happens at the input's edges.
  public let padding: Padding
  /// The distance between neighboring elements of a filter along each spatial axis; one serves all axes.
  public let dilation: [Int]
  /// The number of groups that the channels are divided into; filters see their own group only.
  public let groups: Int
  /// How the weights are initialized; the bias starts at 0.
  public let initializer: Initializer

  /// Describes filters.
  public init(
    _ count: Int, sizes: [Int], strides: [Int] = [1], padding: Padding = .valid, dilation: [Int] = [1],
    groups: Int = 1, initializer: Initializer = .glorotUniform
  ) {
    self.count = count
    self.sizes = sizes
    self.strides = strides
    self.padding = padding
    self.dilation = dilation
    self.groups = groups
    self.initializer = initializer
  }
}

extension Filters {
  /// The number of channels of an input that the filters can slide over, or the error that says why they cannot.
  func channels(of input: Tensor, axes: Int, at site: LayerSite) throws(TensorError) -> Int {
    func refuse(_ message: String) -> TensorError { TensorError(site.title, message) }
    // Far beyond any image, and small enough for sums of these to stay whole numbers of the machine.
    let limits = 1...(1 << 30)
    for (name, values) in [
      ("filters", [count]), ("size", sizes), ("strides", strides), ("dilation", dilation), ("groups", [groups]),
    ] {
      guard values.count == 1 || values.count == axes else {
        throw refuse("its \(name) must be one number or \(axes), one for each spatial axis, found \(values)")
      }
      if let wrong = values.first(where: { !limits.contains($0) }) {
        throw refuse("its \(name) must lie in 1...\(limits.upperBound), found \(wrong)")
      }
    }
    guard input.rank == axes + 2, let channels = input.shape.last else {
      let takes = ["signals [batch, length", "images [batch, height, width", "volumes [batch, depth, height, width"]
      throw refuse("takes \(takes[axes - 1]), channels], found \(input.shape)")
    }
    if let error = site.refusal(of: input)?.error { throw error }
    guard channels % groups == 0, count % groups == 0 else {
      throw refuse("\(channels) channels and \(count) filters do not divide into \(groups) groups")
    }
    return channels
  }

  /// The sizes along all of so many axes.
  func kernel(axes: Int) -> [Int] { sizes.count == axes ? sizes : [Int](repeating: sizes[0], count: axes) }
}

extension LayerSite {
  /// What a layer of filters makes of an input.
  ///
  /// - Parameters:
  ///   - patches: What lies under the filters at each of their places, which they are multiplied by; `nil` where an
  ///     output is not such a product.
  ///   - shape: The weights' shape for a number of input channels.
  ///   - channelAxis: The axis of that shape that the input channels, or a group's share of them, lie along.
  ///   - convolve: Applies the weights to the input, both in the type of the computation.
  func filtered(
    _ input: Tensor, _ filters: Filters, axes: Int, weight: Parameter, bias: Parameter?,
    patches: (Tensor) -> Tensor? = { _ in nil }, shape: (_ channels: Int) -> (weights: Shape, channelAxis: Int),
    convolve: (Tensor, Tensor) -> Tensor
  ) -> Tensor {
    if input.error != nil { return input }
    do throws(TensorError) {
      let channels = try filters.channels(of: input, axes: axes, at: self)
      let (weights, axis) = shape(channels)
      if let made = weight.tensor, made.rank == weights.rank, made.shape != weights,
        weights.indices.allSatisfy({ $0 == axis || made.shape[$0] == weights[$0] })
      {
        let share = axis == axes ? filters.groups : 1
        let wanted = made.shape[axis] * share
        return failure(
          "was made for \(wanted) channels, found an input \(input.shape)\(channelsFirstHint(input.shape, wanted))")
      }
      // A convolution's weights, whatever the order of the axes: one output sums over a group's channels.
      let drawn = Shape(filters.kernel(axes: axes) + [channels / filters.groups, filters.count])
      return computing {
        let input = Run.current.input(input)
        let kernel = values(of: weight, weights, input.elementType) { key, type in
          let values = filters.initializer.values(drawn, key: key, type)
          // Filters before channels: a transposed convolution, of each group for itself.
          guard filters.initializer.isMatrix, axis == axes + 1, values.error == nil else {
            return values.reshaped(weights)
          }
          let own = filters.count / filters.groups
          let parts = values.reshaped(
            Shape(filters.kernel(axes: axes) + [channels / filters.groups, filters.groups, own]))
          let order = Array(0..<axes) + [axes + 2, axes + 1, axes]
          return parts.transposed(order).reshaped(weights)
        }
        if kernel.error != nil { return kernel }
        let output = titled(convolve(input, kernel), hint: channelsFirstHint(input.shape, nil))
        if output.error != nil { return output }
        let whole = bias.map { output + values(of: $0, [filters.count], input.elementType, .zeros) } ?? output
        guard let probe = Run.current.probe else { return whole }
        guard let rows = patches(input) else { return probe.activity(whole) }
        return probed(.product, weight, bias, rows, whole)
      }
    } catch {
      return Tensor(error: error)
    }
  }
}

/// What to do where channels seem to come first, as they do in PyTorch; empty elsewhere.
///
/// - Parameter channels: How many channels the layer was made for, where that is known; otherwise one, three or four in
///   front of larger axes are taken for channels.
private func channelsFirstHint(_ shape: Shape, _ channels: Int?) -> String {
  let spatial = shape.dropFirst(2)
  let seemsFirst =
    channels.map { $0 == shape[1] } ?? ([1, 3, 4].contains(shape[1]) && spatial.allSatisfy { $0 > shape[1] })
  guard shape.rank >= 3, seemsFirst else { return "" }
  return "; channels come last here, [batch, spatial…, channels]: if axis 1 holds them, move it by moved(1, to: -1)"
}
