import DescentGraph
import DescentTensors

/// Several feed-forward layers of which each position goes through a few only, chosen by a gate: many more parameters at nearly the
/// same work.
///
/// ```swift
/// var mixture = MixtureOfExperts(experts: 16, choices: 2, units: 1_024)
/// let block = TransformerEncoderBlock(attention: MultiHeadAttention(heads: 8), feedForward: mixture)
/// ```
///
/// `[…, features]` stays so: y = Σ G(x)ᵢ Eᵢ(x). Rows are sorted by expert and multiplied in groups, so that the work does not grow
/// with the number of experts, and none is dropped however unequal the groups are. What keeps experts in use is reported to the
/// run as losses, which a training step adds to its own: "expert importance", "expert load" and "router z"; the metric
/// "largest expert load / mean" is 1 where all have the same. Source: Shazeer et al., "Outrageously large neural networks: the
/// sparsely-gated mixture-of-experts layer", 2017.
public struct MixtureOfExperts: Layer {
  /// What says where rows go.
  public var gate: ExpertGate
  /// The experts.
  public var experts: ExpertBank
  /// What keeps experts in equal use.
  public let balance: ExpertBalance

  /// A mixture of experts of one form.
  ///
  /// - Parameters:
  ///   - experts: The number of experts.
  ///   - choices: How many of them each row goes to; with one alone, the gate has no gradient but that of the losses.
  ///   - units: The number of hidden units of an expert.
  ///   - activation: The activation of the hidden units, or of the gates within an expert.
  ///   - isGated: Whether the hidden units are multiplied by gates; see `FeedForward`.
  ///   - bias: Whether the experts' layers have biases.
  ///   - isNoisy: Whether scores have noise while training, of a size that is learned.
  ///   - balance: What keeps experts in equal use.
  ///   - initializer: How each expert's weights are initialized.
  public init(
    experts: Int, choices: Int = 2, units: Int, activation: Activation = .relu, isGated: Bool = false,
    bias: Bool = true,
    isNoisy: Bool = true, balance: ExpertBalance = ExpertBalance(), initializer: Initializer = .glorotUniform
  ) {
    // Without noise, a gate of zeros would send all rows to the first experts.
    gate = ExpertGate(
      experts: experts, choices: choices, isNoisy: isNoisy, initializer: isNoisy ? .zeros : .lecunNormal)
    self.experts = ExpertBank(
      count: experts, units: units, activation: activation, isGated: isGated, bias: bias, initializer: initializer)
    self.balance = balance
  }

  public func callAsFunction(_ input: Tensor) -> Tensor {
    let site = LayerSite("MixtureOfExperts", around: gate.weight)
    let placement = ExpertPlacement.of(experts)
    let faults = [gate.fault, experts.fault(of: gate.experts), placement.fault(gate.experts, "experts")]
    return site.mixed(input, faults) { rows, wide in
      let routing = gate.routing(wide, placement: placement, in: site)
      if let failed = routing.failure { return failed }
      if placement.takes(routing.experts) { return rows }
      balance.report(
        importance: routing.importance, load: routing.load.sum(axes: 0), isSmooth: routing.isSmooth,
        scores: [routing.clean])
      let places = placement.places(of: routing.experts.flattened(keeping: 0), gate.experts)
      let dispatch = ExpertDispatch(places, of: placement.held(gate.experts), choices: gate.choices)
      let outputs = experts(
        placement.exchanged(rows.taken(dispatch.rows)), experts: dispatch.experts, groupSizes: dispatch.groupSizes,
        placement: placement, in: site)
      if outputs.error != nil { return outputs }
      let weights = routing.weights.flattened(keeping: 0).taken(dispatch.order)
      let weighted = outputs * weights.converted(to: outputs.elementType).expanded(axis: -1)
      return dispatch.collected(placement.exchanged(weighted), like: rows)
    }
  }
}

/// A mixture of mixtures: a first gate chooses groups for each position, and a gate of each group chooses among its experts, so that
/// the scores of very many experts need not all be computed.
///
/// y = Σᵢ Σⱼ G(x)ᵢ Gᵢ(x)ⱼ Eᵢⱼ(x). The scores of a group's experts are computed for the rows that the group gets and no others.
/// Losses are reported as by `MixtureOfExperts`, over all experts. Source: Shazeer et al., 2017, appendix B.
public struct HierarchicalMixtureOfExperts: Layer {
  /// What says to which groups rows go.
  public var gate: ExpertGate
  /// What says to which experts of each group they go, with stacked parameters.
  public var groupGate: ExpertGate
  /// The experts, those of one group after the other.
  public var experts: ExpertBank
  /// What keeps experts in equal use.
  public let balance: ExpertBalance

  /// A mixture of groups of experts.
  ///
  /// - Parameters:
  ///   - groups: The number of groups.
  ///   - experts: The number of experts of a group.
  ///   - groupChoices: How many groups each row goes to.
  ///   - choices: How many experts of a group each row goes to.
  ///   - units: The number of hidden units of an expert.
  ///   - activation: The activation of the hidden units, or of the gates within an expert.
  ///   - isGated: Whether the hidden units are multiplied by gates; see `FeedForward`.
  ///   - bias: Whether the experts' layers have biases.
  ///   - isNoisy: Whether scores have noise while training, of a size that is learned.
  ///   - balance: What keeps experts in equal use.
  ///   - initializer: How each expert's weights are initialized.
  public init(
    groups: Int, experts: Int, groupChoices: Int = 2, choices: Int = 2, units: Int, activation: Activation = .relu,
    isGated: Bool = false, bias: Bool = true, isNoisy: Bool = true, balance: ExpertBalance = ExpertBalance(),
    initializer: Initializer = .glorotUniform
  ) {
    let first: Initializer = isNoisy ? .zeros : .lecunNormal
    gate = ExpertGate(experts: groups, choices: groupChoices, isNoisy: isNoisy, initializer: first)
    groupGate = ExpertGate(experts: experts, choices: choices, isNoisy: isNoisy, initializer: first)
    let (count, overflow) = groups.multipliedReportingOverflow(by: experts)
    self.experts = ExpertBank(
      count: overflow ? -1 : count, units: units, activation: activation, isGated: isGated, bias: bias,
      initializer: initializer)
    self.balance = balance
  }

  public func callAsFunction(_ input: Tensor) -> Tensor {
    let site = LayerSite("HierarchicalMixtureOfExperts", around: gate.weight)
    let (groups, members) = (gate.experts, groupGate.experts)
    let count = groups.multipliedReportingOverflow(by: members).partialValue
    let placement = ExpertPlacement.of(experts)
    let fault = experts.count < 1 ? "cannot have \(groups) groups of \(members) experts" : nil
    let faults = [
      gate.fault, groupGate.fault, fault, experts.fault(of: count), placement.fault(groups, "groups of experts"),
    ]
    return site.mixed(input, faults) { rows, wide in
      let first = gate.routing(wide, placement: placement, in: site)
      if let failed = first.failure { return failed }
      // Rows by group, then again by expert: a row is sent groupChoices · choices times. Groups are shared out over devices;
      // where experts lie at positions, their groups are all here.
      let heldGroups = groups / placement.devices
      let groupPlaces = first.experts.flattened(keeping: 0)
      let byGroup = ExpertDispatch(
        placement.devices > 1 ? placement.places(of: groupPlaces, groups) : groupPlaces, of: heldGroups,
        choices: gate.choices)
      let sent = placement.exchanged(wide.taken(byGroup.rows))
      let second = groupGate.routing(
        sent, groupSizes: byGroup.groupSizes, placement: placement, in: site)
      if let failed = second.failure { return failed }
      let group = (byGroup.experts * Tensor(integers: [members], shape: [], .int32)).expanded(axis: -1)
      let chosen = second.experts + group
      if placement.takes(chosen) { return rows }
      let groupWeights = first.weights.flattened(keeping: 0).taken(byGroup.order)
      report(first, second, byGroup, groupWeights, wide.elementType)
      let places = placement.devices > 1 ? chosen : placement.places(of: chosen, count)
      let byExpert = ExpertDispatch(
        places.flattened(keeping: 0), of: placement.held(count), choices: groupGate.choices)
      let origin = byGroup.rows.taken(byExpert.rows)
      let outputs = experts(
        rows.taken(origin), experts: byExpert.experts, groupSizes: byExpert.groupSizes, placement: placement, in: site)
      if outputs.error != nil { return outputs }
      let weights = (second.weights * groupWeights.expanded(axis: -1)).flattened(keeping: 0).taken(byExpert.order)
      let weighted = outputs * weights.converted(to: outputs.elementType).expanded(axis: -1)
      guard placement.devices > 1 else { return Tensor(zerosLike: rows).scattered(weighted, at: origin) }
      // Each device adds up what its experts make of a row before that is sent back.
      let gathered = Tensor(zerosLike: sent.converted(to: weighted.elementType)).scattered(weighted, at: byExpert.rows)
      return Tensor(zerosLike: rows).scattered(placement.exchanged(gathered), at: byGroup.rows)
    }
  }

  /// Reports how unequal the use of all experts is: their importance is that of both gates together, and their load that within
  /// the group, for as many rows as the group would get.
  private func report(
    _ first: ExpertRouting, _ second: ExpertRouting, _ byGroup: ExpertDispatch, _ weights: Tensor, _ type: ElementType
  ) {
    let (groups, members) = (byGroup.groupSizes.count, groupGate.experts)
    let group = byGroup.experts
    func summed(_ rows: Tensor) -> Tensor {
      Tensor(zeros: [groups, members], type).scattered(rows, at: group)
    }
    let importance = summed(second.sentWeights * weights.expanded(axis: -1))
    let sizes = maximum(byGroup.groupSizes.converted(to: type), 1).expanded(axis: -1)
    // A device that holds some of the groups sees its part of the load as that of those in the same places elsewhere.
    let groupLoad = first.load.sum(axes: 0).reshaped([-1, groups]).sum(axes: 0)
    let load = summed(second.load) * groupLoad.expanded(axis: -1) / sizes
    balance.report(
      importance: importance.flattened(keeping: 0), load: load.flattened(keeping: 0),
      isSmooth: first.isSmooth || second.isSmooth, scores: [first.clean, second.clean])
  }
}

/// Rows that go to several experts each, sorted by expert.
struct ExpertDispatch {
  /// For each place in the sorted order, the number of the row and the choice, row · choices + choice.
  let order: Tensor
  /// For each place, the row.
  let rows: Tensor
  /// For each place, the expert.
  let experts: Tensor
  /// How many places each expert has.
  let groupSizes: Tensor

  /// - Parameter experts: The expert of each choice of each row, int32 `[rows · choices]`.
  init(_ experts: Tensor, of count: Int, choices: Int) {
    order = experts.argSorted()
    let rowCount = experts.count / max(1, choices)
    let all = Tensor(rangeTo: rowCount).expanded(axis: -1).broadcast(to: [rowCount, choices]).flattened(keeping: 0)
    rows = all.taken(order)
    self.experts = experts.taken(order)
    groupSizes = experts.binCount(count)
  }

  /// The sum of what came out for each row.
  func collected(_ outputs: Tensor, like rows: Tensor) -> Tensor {
    Tensor(zerosLike: rows).scattered(outputs, at: self.rows)
  }
}

extension ExpertBank {
  /// What is wrong with the settings, `nil` for nothing.
  fileprivate func fault(of gated: Int) -> String? {
    guard count >= 1, count == gated else { return "its gates choose among \(gated) experts, found \(count)" }
    guard units >= 1 else { return "its experts need at least one hidden unit, found \(units)" }
    return nil
  }
}

extension LayerSite {
  /// What a mixture makes of an input `[…, features]`, from what it makes of rows.
  ///
  /// - Parameter mixed: Is given the rows `[rows, features]`, and the same in the type that sums are taken in.
  fileprivate func mixed(_ input: Tensor, _ faults: [String?], _ mixed: (Tensor, Tensor) -> Tensor) -> Tensor {
    if input.error != nil { return input }
    if let fault = faults.compactMap(\.self).first { return failure(fault) }
    guard let features = input.shape.last, features > 0 else {
      return failure("takes an input […, features], found \(input.shape)")
    }
    if let refusal = refusal(of: input) { return refusal }
    let input = Run.current.input(input)
    // There is nothing to send, but sizes to bind.
    guard input.count > 0 || Run.current.isBinding else { return input }
    let rows = input.reshaped([input.count / features, features])
    let output = mixed(rows, rows.converted(to: rows.elementType.accumulator))
    return output.error == nil ? output.reshaped(input.shape) : titled(output)
  }
}
