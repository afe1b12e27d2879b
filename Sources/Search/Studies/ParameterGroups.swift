/// Which parameters occur together, found from the trials of a study whose space is not declared.
///
/// Parameters of the same trials form a group. Trials are told apart by a sum of mixed numbers, so that a further trial
/// costs as much as it has parameters.
struct ParameterGroups {
  private struct Member {
    var domain: Domain
    var signature: UInt64 = 0
    var count = 0
  }

  private var members: [String: Member] = [:]
  /// How many trials count that got as far as having all their parameters.
  private var count = 0
  /// How many trials were looked at.
  private(set) var seen = 0

  /// Takes further trials into account.
  mutating func add(_ records: some Sequence<TrialRecord>) {
    for record in records {
      seen += 1
      // One that failed may have done so before it had asked for everything.
      guard record.state == .complete || record.state == .pruned else { continue }
      count += 1
      var mixed = UInt64(bitPattern: Int64(record.number)) &+ 0x9e37_79b9_7f4a_7c15
      mixed = (mixed ^ (mixed >> 30)) &* 0xbf58_476d_1ce4_e5b9
      mixed = (mixed ^ (mixed >> 27)) &* 0x94d0_49bb_1331_11eb
      mixed ^= mixed >> 31
      for (name, domain) in record.domains {
        members[name, default: Member(domain: domain)].signature &+= mixed
        members[name]?.count += 1
      }
    }
  }

  /// The groups by their first names, the one whose parameters every trial has first, where there is one.
  var all: [[Space.Parameter]] {
    let bySignature = Dictionary(grouping: members, by: \.value.signature)
    let groups = bySignature.values.map { group in
      (
        count: group[0].value.count,
        parameters: group.sorted { $0.key < $1.key }.map { Space.Parameter($0.key, $0.value.domain) }
      )
    }
    return groups.sorted { first, second in
      (first.count == count ? 0 : 1, first.parameters[0].name) < (
        second.count == count ? 0 : 1, second.parameters[0].name
      )
    }.map(\.parameters)
  }

  /// The parameters that every trial has.
  var common: [Space.Parameter] {
    guard count > 0 else { return [] }
    return members.filter { $0.value.count == count }.sorted { $0.key < $1.key }.map {
      Space.Parameter($0.key, $0.value.domain)
    }
  }
}
