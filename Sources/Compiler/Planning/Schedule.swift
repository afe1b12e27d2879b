import DescentGraph

/// Puts the units of a plan in an order in which makers come first and little memory is alive at a time.
struct Schedule {
  /// The steps in running order.
  let steps: [Step]

  /// Schedules the units of a clustering.
  ///
  /// Two orders are tried, that of the graph and one that runs early whatever frees memory; the one with the lower peak
  /// is taken. - Complexity: O(units · units that are ready at a time).
  init(_ clustering: Clustering, donations: [Donation], workingBytes: [Int: Int]) {
    let units = UnitGraph(clustering, donations: donations, workingBytes: workingBytes)
    let recorded = units.order(isEager: false)
    let eager = units.order(isEager: true)
    steps = (eager.peak < recorded.peak ? eager.steps : recorded.steps)
  }
}

/// The units with what they wait for.
private struct UnitGraph {
  struct Unit {
    var key: Int
    var step: Step?
    var reads: [Int]
    var writes: [Int]
    var followers: [Int] = []
    var waitsFor = 0
    /// Units that had better run before, because they read what this one overwrites.
    var hindrances: [Int] = []
    /// The memory that is in use only while the unit runs.
    var workingBytes = 0
  }

  var units: [Unit] = []
  let bytes: [Int]
  let readCounts: [Int]

  init(_ clustering: Clustering, donations: [Donation], workingBytes: [Int: Int]) {
    let lowered = clustering.lowered
    let graph = lowered.graph
    for cluster in clustering.finished where !cluster.members.isEmpty {
      let work = FusedWork(cluster)
      let step = Step(work: .fused(work), reads: cluster.reads.sorted(), writes: work.outputs)
      units.append(Unit(key: work.outputs.first ?? 0, step: step, reads: step.reads, writes: step.writes))
    }
    for index in graph.nodes.indices where clustering.home[index] == index {
      let isReal = lowered.means[index] == .kernel || lowered.means[index] == .reference
      let reads = Array(Set(clustering.reads(of: index))).sorted()
      let step = Step(work: .node(index), reads: reads, writes: [index])
      units.append(
        Unit(
          key: index, step: isReal ? step : nil, reads: reads, writes: [index],
          workingBytes: workingBytes[index] ?? 0))
    }
    units.sort { $0.key < $1.key }
    var maker = [Int](repeating: -1, count: graph.nodes.count)
    for (unit, content) in units.enumerated() { for node in content.writes { maker[node] = unit } }
    var readCounts = [Int](repeating: 0, count: graph.nodes.count)
    var readers = [[Int]](repeating: [], count: graph.nodes.count)
    for (unit, content) in units.enumerated() {
      for node in content.reads {
        readCounts[node] += 1
        readers[node].append(unit)
        guard maker[node] >= 0 else { continue }
        units[maker[node]].followers.append(unit)
        units[unit].waitsFor += 1
      }
    }
    var bytes = graph.nodes.map { node in node.types.reduce(0) { $0 + $1.byteCount } }
    for index in graph.nodes.indices {
      // Parts lie within the whole; what is given takes no memory of the plan.
      if graph.nodes[index].operation is Place || lowered.means[index] == .given { bytes[index] = 0 }
    }
    for output in graph.outputs {
      let base = lowered.place(of: output).base.node
      bytes[base] = 0
      readCounts[base] += 1
    }
    for donation in donations {
      let written = maker[lowered.place(of: graph.outputs[donation.output]).base.node]
      guard written >= 0 else { continue }
      units[written].hindrances += readers[graph.inputs[donation.input].node].filter { $0 != written }
    }
    self.bytes = bytes
    self.readCounts = readCounts
  }

  /// The steps in order, and the most bytes alive at a time.
  func order(isEager: Bool) -> (steps: [Step], peak: Int) {
    var (waiting, isDone) = (units.map(\.waitsFor), units.map { _ in false })
    var unread = readCounts
    var ready = units.indices.filter { waiting[$0] == 0 }
    var steps: [Step] = []
    var (alive, peak) = (0, 0)
    func growth(_ unit: Int) -> Int {
      units[unit].writes.reduce(0) { $0 + bytes[$1] }
        - units[unit].reads.reduce(0) { $0 + (unread[$1] == 1 ? bytes[$1] : 0) }
    }
    while !ready.isEmpty {
      var choice: Int?
      for position in ready.indices.prefix(Self.horizon) {
        let unit = ready[position]
        guard units[unit].hindrances.allSatisfy({ isDone[$0] }) else { continue }
        if choice == nil { choice = position }
        if !isEager { break }
        if growth(unit) <= 0 {
          choice = position
          break
        }
      }
      let unit = ready.remove(at: choice ?? 0)
      isDone[unit] = true
      if let step = units[unit].step { steps.append(step) }
      alive += units[unit].writes.reduce(0) { $0 + bytes[$1] }
      peak = max(peak, alive + units[unit].workingBytes)
      for node in units[unit].reads {
        unread[node] -= 1
        if unread[node] == 0 { alive -= bytes[node] }
      }
      for follower in units[unit].followers {
        waiting[follower] -= 1
        guard waiting[follower] == 0 else { continue }
        ready.insert(follower, at: ready.partition(before: follower))
      }
    }
    return (steps, peak)
  }

  private static let horizon = 256
}

extension [Int] {
  /// Where in this ascending list a number belongs. - Complexity: O(log elements).
  func partition(before number: Int) -> Int {
    var (low, high) = (0, count)
    while low < high {
      let middle = (low + high) / 2
      if self[middle] > number { high = middle } else { low = middle + 1 }
    }
    return low
  }
}
