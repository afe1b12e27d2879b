import DescentGraph
import DescentTensors

/// Feed-forward layers of one form with stacked parameters, each of which is given the rows that were sent to it.
///
/// Rows are sorted by expert and multiplied group by group, so that the work is that of the rows and not of the experts.
public struct ExpertBank: Model {
  /// To the hidden units, `[experts, features, units]`.
  public var hidden = Parameter()
  /// The bias of the hidden units, `[experts, units]`, or `nil` for none.
  public var hiddenBias: Parameter?
  /// What the hidden units are multiplied by before its activation, `[experts, features, units]`, or `nil` for nothing.
  public var gate: Parameter?
  /// The bias of the gates, `[experts, units]`, or `nil` for none.
  public var gateBias: Parameter?
  /// Back from the hidden units, `[experts, units, features]`.
  public var output = Parameter()
  /// The bias of the output, `[experts, features]`, or `nil` for none.
  public var outputBias: Parameter?
  /// The number of experts.
  public let count: Int
  /// The number of hidden units of an expert.
  public let units: Int
  /// The activation of the hidden units, or of the gates where there are any.
  public let activation: Activation
  /// How each expert's weights are initialized.
  public let initializer: Initializer

  /// Experts of one form.
  ///
  /// - Parameters:
  ///   - count: The number of experts.
  ///   - units: The number of hidden units of an expert.
  ///   - activation: The activation of the hidden units, or of the gates.
  ///   - isGated: Whether the hidden units are multiplied by gates; see `FeedForward`.
  ///   - bias: Whether the experts' layers have biases.
  ///   - initializer: How each expert's weights are initialized.
  public init(
    count: Int, units: Int, activation: Activation = .relu, isGated: Bool = false, bias: Bool = true,
    initializer: Initializer = .glorotUniform
  ) {
    (self.count, self.units, self.activation, self.initializer) = (count, units, activation, initializer)
    hiddenBias = bias ? Parameter() : nil
    gate = isGated ? Parameter() : nil
    gateBias = isGated && bias ? Parameter() : nil
    outputBias = bias ? Parameter() : nil
  }

  /// What experts make of rows that are sorted by expert.
  ///
  /// - Parameters:
  ///   - rows: `[rows, features]`.
  ///   - experts: The place of each row's expert, `[rows]`, in order.
  ///   - groupSizes: How many rows each place has, `[places]`.
  ///   - placement: Where experts lie.
  func callAsFunction(
    _ rows: Tensor, experts: Tensor, groupSizes: Tensor, placement: BankPlacement, in site: LayerSite
  ) -> Tensor {
    let features = rows.shape[1]
    let held = placement.held(count)
    func layer(_ x: Tensor, _ weight: Parameter, _ bias: Parameter?, from inputs: Int, to outputs: Int) -> Tensor {
      let matrices = site.values(
        of: weight, each: [inputs, outputs], placement.drawn(count), held: held, members: placement.positions?.members,
        x.elementType, initializer)
      let product = raggedDot(x, matrices, groupSizes: groupSizes)
      guard let bias else { return product }
      return product + site.values(of: bias, [held, outputs], x.elementType, .zeros).taken(experts)
    }
    var inside = layer(rows, hidden, hiddenBias, from: features, to: units)
    if let gate {
      inside = activation(layer(rows, gate, gateBias, from: features, to: units)) * inside
    } else {
      inside = activation(inside)
    }
    return layer(inside, output, outputBias, from: units, to: features)
  }
}

extension LayerSite {
  /// A parameter's values where so many matrices of one shape are stacked in it, each drawn by itself: to an initializer, axes in
  /// front of the last two are a kernel's.
  ///
  /// - Parameters:
  ///   - held: How many of them are stacked; all of them where left out.
  ///   - members: Which of them these are, in their order, where they are given first values.
  func values(
    of parameter: Parameter, each shape: Shape, _ count: Int, held: Int? = nil, members: Tensor? = nil,
    _ elementType: ElementType,
    _ initializer: Initializer
  ) -> Tensor {
    let stacked = Shape([held ?? count] + shape.sizes)
    return values(of: parameter, stacked, elementType) { key, type in
      let words = key.bits([count, 2])
      // A loop, so that the program that draws them does not grow with their number.
      return Tensor(catching: {
        try scan(over: members.map { words.taken($0) } ?? words, from: [Tensor]()) { state, words in
          (state, initializer.values(shape, key: RandomKey(words: words), type))
        }.outputs
      })
    }
  }
}
