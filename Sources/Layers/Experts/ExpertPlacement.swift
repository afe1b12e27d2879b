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
    /// Where each expert is, int32 `[experts]`; anything for those that no row goes to.
    package let position: Tensor
    /// The expert at each position, int32 `[positions]`, ascending, so that rows are in the same order as without.
    package let members: Tensor

    package init(bank: String, position: Tensor, members: Tensor) {
      (self.bank, self.position, self.members) = (bank, position, members)
    }
  }

  fileprivate enum Kind: Sendable {
    case positions(Positions)
    case routing(bank: String, RoutedExperts)
    case share(Int)
  }
  fileprivate let kind: Kind

  @TaskLocal private static var active: ExpertPlacement?

  /// Calls a function whose mixture finds its experts at these positions.
  package static func at<Result>(_ positions: Positions, _ body: () throws -> Result) rethrows -> Result {
    try $active.withValue(ExpertPlacement(kind: .positions(positions)), operation: body)
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
    guard let active else { return BankPlacement() }
    switch active.kind {
    case .positions(let positions):
      return bank.hidden.path == positions.bank ? BankPlacement(positions: positions) : BankPlacement()
    case .routing(let path, let routed):
      return bank.hidden.path == path ? BankPlacement(routed: routed) : BankPlacement()
    case .share(let devices): return BankPlacement(devices: devices)
    }
  }
}

/// Takes the experts that rows go to out of a pass that is recorded for them.
package final class RoutedExperts: Sendable {
  private let found = Guarded<[Tensor]>([])

  /// Takes nothing yet.
  package init() {}

  /// What was found: one tensor of int32 for each time that the mixture was asked.
  package var tensors: [Tensor] { found.withLock { $0 } }

  fileprivate func take(_ experts: Tensor) { found.withLock { $0.append(experts) } }
}

/// Where the experts of one bank lie.
struct BankPlacement {
  private(set) var positions: ExpertPlacement.Positions?
  private(set) var routed: RoutedExperts?
  private(set) var devices = 1

  init() {}
  init(positions: ExpertPlacement.Positions) { self.positions = positions }
  init(routed: RoutedExperts) { self.routed = routed }
  init(devices: Int) { self.devices = devices }

  /// What is wrong with sharing so many experts or groups out; `nil` for nothing.
  func fault(_ count: Int, _ name: String) -> String? {
    devices >= 1 && count.isMultiple(of: max(devices, 1))
      ? nil : "cannot share \(count) \(name) out over \(devices) devices equally"
  }

  /// How many of so many experts or groups are here.
  func held(_ count: Int) -> Int { positions.map { $0.members.count } ?? count / max(devices, 1) }

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

  /// Whether the pass is recorded for where the rows go, and nothing after that counts.
  func takes(_ experts: Tensor) -> Bool {
    routed?.take(experts)
    return routed != nil
  }

  /// Rows that go from device to device, where there are several.
  func exchanged(_ rows: Tensor) -> Tensor { devices > 1 ? rows.named(ExpertPlacement.exchanged) : rows }
}
