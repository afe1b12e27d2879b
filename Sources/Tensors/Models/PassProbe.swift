import DescentGraph

/// What a method that looks at curvature asks of a pass through a model: where its parameters are used, with which inputs, and what losses
/// are made of.
///
/// Layers and losses hand their outputs to the probe of the run, where there is one, and go on with what it gives back: the output plus a
/// tap, which is zero. The derivative with respect to a tap is that with respect to the output. Functions that are recorded on the way,
/// such as the steps of loops, have no probe, since nothing could come out of them: parameters used there are not seen.
package final class PassProbe: Sendable {
  /// How a layer uses a parameter.
  package enum Kind: Sendable {
    /// Rows of inputs `[…, inputs]` times weights `[inputs, outputs]` of any form, and a bias that is added.
    case product
    /// Rows of a table, taken by integers `[…]`.
    case rows
    /// A scale of normalized inputs `[…, features]`, and a shift that is added.
    case scaleAndShift
  }

  /// A use of a parameter in a layer.
  package struct Use: Sendable {
    package let kind: Kind
    /// Which of the parameters the weight or the scale is, `nil` where it does not move.
    package var weight: Int?
    /// Which of the parameters the bias or the shift is, `nil` where there is none or it does not move.
    package var bias: Int?
    /// What goes in.
    package let input: Tensor
    /// Which tap the output has.
    package let tap: Int
  }

  /// A draw of the derivative of a loss with respect to its outputs, for targets as the model predicts them: what is drawn has the second
  /// derivatives of the loss as its covariance.
  package enum Draw: Sendable {
    /// One draw, in the outputs' shape.
    case one(RandomKey)
    /// All of them, `[columns, outputs' shape…]`, whose squares add up to the covariance of each row; rows are kept
    /// apart by random signs.
    case all(RandomKey)
  }

  /// A loss of some outputs.
  package struct Loss: Sendable {
    /// The outputs, before their tap.
    package let outputs: Tensor
    /// Which tap the outputs have.
    package let outputTap: Int
    /// Which tap the losses of rows or elements have, before they are weighted and reduced.
    package let lossTap: Int
    /// The derivative of a loss with respect to the outputs, as drawn; `nil` where the loss does not say what the model predicts.
    package let residuals: (@Sendable (Draw) -> Tensor)?
  }

  private struct State {
    var types: [TensorType] = []
    var identities: [Parameter.Identity: Int] = [:]
    var values: [Tensor] = []
    var uses: [Use] = []
    var losses: [Loss] = []
    var activities: [Int] = []
    var activityOutputs: [Tensor] = []
    var excluded: Set<Int> = []
  }

  private let taps: [Int: Tensor]
  private let state = Guarded(State())

  /// - Parameter taps: What is added to outputs, by the number of their taps; nothing to the others.
  package init(taps: [Int: Tensor] = [:]) { self.taps = taps }

  /// Says which parameters are looked for.
  ///
  /// - Parameters:
  ///   - identities: Which parameters they are.
  ///   - values: Their values in this pass. A layer whose weights are computed from a parameter does not use the parameter itself.
  package func follow(_ identities: [Parameter.Identity], _ values: [Tensor]) {
    state.withLock { state in
      state.identities = Dictionary(Swift.zip(identities, identities.indices)) { first, _ in first }
      state.values = values
    }
  }

  /// Leaves out all but some of the parameters, which are counted anew.
  package func restrict(to places: [Int]) {
    let known = Dictionary(Swift.zip(places, places.indices)) { first, _ in first }
    state.withLock { state in
      state.excluded = Set(state.excluded.compactMap { known[$0] })
      state.uses = state.uses.compactMap { use in
        var own = use
        own.weight = use.weight.flatMap { known[$0] }
        own.bias = use.bias.flatMap { known[$0] }
        return own.weight == nil && own.bias == nil ? nil : own
      }
    }
  }

  /// The types of the taps, in their order.
  package var tapTypes: [TensorType] { state.withLock { $0.types } }
  /// The uses of parameters, in their order; those of parameters that are used in a way that is not known, too, are left out.
  package var uses: [Use] {
    state.withLock { state in state.uses.filter { $0.weight.map { !state.excluded.contains($0) } ?? true } }
  }
  /// The losses, in their order.
  package var losses: [Loss] { state.withLock { $0.losses } }
  /// The taps of outputs of layers, in their order: what a network's units do.
  package var activities: [Int] { state.withLock { $0.activities } }

  /// The outputs of layers, in their order.
  package var activityOutputs: [Tensor] { state.withLock { $0.activityOutputs } }

  private static func place(of parameter: Parameter?, _ state: State) -> Int? {
    guard let parameter, let identity = parameter.identity, let place = state.identities[identity],
      parameter.tensor?.expression === state.values[place].expression
    else { return nil }
    return place
  }

  private func tapped(_ output: Tensor, _ state: inout State) -> (output: Tensor, tap: Int) {
    let tap = state.types.count
    state.types.append(output.type)
    guard let added = taps[tap], added.type == output.type else { return (output, tap) }
    return (output + added, tap)
  }

  /// The output of a layer.
  package func layer(_ kind: Kind, _ weight: Parameter, _ bias: Parameter?, _ input: Tensor, _ output: Tensor) -> Tensor
  {
    state.withLock { state in
      let (tapped, tap) = tapped(output, &state)
      state.activities.append(tap)
      state.activityOutputs.append(output)
      let places = (Self.place(of: weight, state), Self.place(of: bias, state))
      if places.0 != nil || places.1 != nil {
        state.uses.append(Use(kind: kind, weight: places.0, bias: places.1, input: input, tap: tap))
      }
      return tapped
    }
  }

  /// The output of a layer whose parameters are not looked at.
  package func activity(_ output: Tensor) -> Tensor {
    state.withLock { state in
      let (tapped, tap) = tapped(output, &state)
      state.activities.append(tap)
      state.activityOutputs.append(output)
      return tapped
    }
  }

  /// Says that a parameter is used in a way that is not known.
  package func exclude(_ parameter: Parameter) {
    state.withLock { state in if let place = Self.place(of: parameter, state) { state.excluded.insert(place) } }
  }

  /// The losses of a loss's outputs.
  ///
  /// - Parameters:
  ///   - outputs: The outputs, in a type fit for sums.
  ///   - residuals: The derivative of the losses with respect to the outputs, as drawn.
  ///   - body: Gives the losses of rows or elements.
  package func loss(
    _ outputs: Tensor, residuals: (@Sendable (Draw) -> Tensor)?, _ body: (Tensor) -> Tensor
  ) -> Tensor {
    guard outputs.error == nil else { return body(outputs) }
    let (tapped, outputTap) = state.withLock { self.tapped(outputs, &$0) }
    let losses = body(tapped)
    guard losses.error == nil else { return losses }
    return state.withLock { state in
      let (result, lossTap) = self.tapped(losses, &state)
      state.losses.append(
        Loss(outputs: outputs, outputTap: outputTap, lossTap: lossTap, residuals: residuals))
      return result
    }
  }
}
