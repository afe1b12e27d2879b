import DescentGraph
import DescentTensors

/// Where the experts of a bank lie while a pass runs, where that is not one stack of all of them.
///
/// The model is the same wherever its experts are: whoever runs the pass says so here, and mixtures send their rows accordingly.
package struct ExpertPlacement: Sendable {
  /// Some of the experts in memory.
  package struct Positions: Sendable {
    /// The path of the bank's `hidden` weights in its model; other banks are whole.
    package let bank: String
    /// Where each expert is, int32 `[experts]`, in the experts' order, so that rows are in the same order as without; anything
    /// for those that no row goes to.
    package let position: Tensor
    /// The number of positions.
    package let held: Int
    /// The expert at each position, int32 `[positions]`, where they are given first values.
    package let members: Tensor?
    /// What each gate is to choose, in the order in which they are asked; they choose themselves where there is nothing.
    package let choices: [Tensor]

    /// Says where experts are.
    package init(bank: String, position: Tensor, held: Int, members: Tensor? = nil, choices: [Tensor] = []) {
      (self.bank, self.position, self.held) = (bank, position, held)
      (self.members, self.choices) = (members, choices)
    }
  }

  fileprivate enum Kind: Sendable {
    case positions(Positions, GivenChoices)
    case routing(bank: String, RoutedExperts)
    case share(Int)
  }
  fileprivate let kind: Kind

  @TaskLocal private static var active: ExpertPlacement?

  /// Calls a function whose mixture finds its experts at these positions.
  package static func at<Result>(_ positions: Positions, _ body: () throws -> Result) rethrows -> Result {
    let kind = Kind.positions(positions, GivenChoices(positions.choices))
    return try $active.withValue(ExpertPlacement(kind: kind), operation: body)
  }

  /// Calls a function that is recorded to learn which experts its rows go to: their bank is never asked, and what the function
  /// gives stands for nothing.
  package static func routing<Result>(
    _ bank: String, into routed: RoutedExperts, _ body: () throws -> Result
  ) rethrows -> Result {
    try $active.withValue(ExpertPlacement(kind: .routing(bank: bank, routed)), operation: body)
  }

  /// Calls a function as one of so many devices does that hold an equal part of the experts each, and of the groups of a
  /// hierarchy: rows for the same place in other devices' parts go to this one's, which are as many as its own rows where the
  /// use is balanced. What devices exchange is named `exchanged`.
  package static func share<Result>(of devices: Int, _ body: () throws -> Result) rethrows -> Result {
    try $active.withValue(ExpertPlacement(kind: .share(devices)), operation: body)
  }

  /// The name of rows that go from device to device.
  package static let exchanged = "exchanged between devices"

  /// What holds for a bank.
  static func of(_ bank: ExpertBank) -> BankPlacement {
    var placement = BankPlacement()
    switch active?.kind {
    case .positions(let positions, let choices) where bank.hidden.path == positions.bank:
      (placement.positions, placement.choices) = (positions, choices)
    case .routing(let path, let routed) where bank.hidden.path == path:
      routed.note(bank.count)
      placement.routed = routed
    case .share(let devices): placement.devices = devices
    default: break
    }
    return placement
  }
}

/// Takes what gates choose out of a pass that is recorded for that.
package final class RoutedExperts: Sendable {
  private struct Found {
    var choices: [Tensor] = []
    var experts: [Tensor] = []
    var bankCount: Int?
  }
  private let found = Guarded(Found())

  /// Takes nothing yet.
  package init() {}

  /// What each gate chose, int32, in the order in which they were asked.
  package var choices: [Tensor] { found.withLock { $0.choices } }
  /// The numbers of the experts that rows go to, int32, for each time that the mixture was asked.
  package var experts: [Tensor] { found.withLock { $0.experts } }
  /// The number of experts of the bank; `nil` where it was never asked for.
  package var bankCount: Int? { found.withLock { $0.bankCount } }

  fileprivate func note(_ count: Int) { found.withLock { $0.bankCount = count } }
  fileprivate func take(choice: Tensor) { found.withLock { $0.choices.append(choice) } }
  fileprivate func take(experts: Tensor) { found.withLock { $0.experts.append(experts) } }
}

/// Gives gates their choices, in the order in which they ask in one pass.
private final class GivenChoices: Sendable {
  private let left: Guarded<ArraySlice<Tensor>>

  init(_ choices: [Tensor]) { left = Guarded(choices[...]) }

  func next() -> Tensor? { left.withLock { $0.popFirst() } }
}

/// Where the experts of one bank lie.
struct BankPlacement {
  fileprivate(set) var positions: ExpertPlacement.Positions?
  fileprivate var choices: GivenChoices?
  fileprivate var routed: RoutedExperts?
  /// How many devices have equal parts, of which this is one.
  fileprivate(set) var devices = 1

  fileprivate init() {}

  /// What is wrong with sharing so many experts or groups out; `nil` for nothing.
  func fault(_ count: Int, _ name: String) -> String? {
    guard devices < 1 || !count.isMultiple(of: devices) else { return nil }
    return "cannot share \(count) \(name) out over \(devices) devices equally"
  }

  /// How many of so many experts or groups are here.
  func held(_ count: Int) -> Int { positions?.held ?? count / max(devices, 1) }

  /// From how many experts' first values those that are here are drawn.
  func drawn(_ count: Int) -> Int { count / max(devices, 1) }

  /// Where experts, or groups, are here.
  ///
  /// - Parameters:
  ///   - experts: Their numbers, int32.
  ///   - count: How many there are.
  func places(of experts: Tensor, _ count: Int) -> Tensor {
    if let positions { return positions.position.taken(experts) }
    guard devices > 1 else { return experts }
    return fmod(experts, Tensor(integers: [held(count)], shape: [], .int32))
  }

  /// What the next gate is to choose; `nil` where it chooses itself.
  func nextChoice() -> Tensor? { choices?.next() }

  /// Notes what a gate chose, where the pass is recorded for that.
  func note(_ choice: Tensor) { routed?.take(choice: choice) }

  /// Whether the pass is recorded for where the rows go, and nothing after that counts.
  func takes(_ experts: Tensor) -> Bool {
    routed?.take(experts: experts)
    return routed != nil
  }

  /// Rows that go from device to device, where there are several.
  func exchanged(_ rows: Tensor) -> Tensor { devices > 1 ? rows.named(ExpertPlacement.exchanged) : rows }
}
