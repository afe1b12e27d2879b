import DescentGraph

/// Puts the units of a plan in an order in which makers come first and little memory is alive at a time.
struct Schedule {
  /// The steps in running order.
  let steps: [Step]

  /// Schedules the units of a clustering.
  ///
  /// Two orders are tried, that of the graph and one that runs early whatever frees memory; the one with the lower peak
  /// is taken.
  ///
  /// - Complexity: O(n log n) for n units with the values that they read.
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
    /// How many units had better run before, because they read what this one overwrites.
    var hindrances = 0
    /// Units that had better run after this one.
    var hinders: [Int] = []
    /// The memory that is in use only while the unit runs.
    var workingBytes = 0
  }

  var units: [Unit] = []
  let bytes: [Int]
  let readCounts: [Int]
  /// For each node, the units that read it.
  let readers: [[Int]]

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
      if graph.nodes[index].isPlace || lowered.means[index] == .given { bytes[index] = 0 }
    }
    for output in graph.outputs {
      let base = lowered.base(of: output).node
      bytes[base] = 0
      readCounts[base] += 1
    }
    for donation in donations {
      let written = maker[lowered.base(of: graph.outputs[donation.output]).node]
      guard written >= 0 else { continue }
      for reader in readers[graph.inputs[donation.input].node] where reader != written {
        units[reader].hinders.append(written)
        units[written].hindrances += 1
      }
    }
    self.bytes = bytes
    self.readCounts = readCounts
    self.readers = readers
  }

  /// The steps in order, and the most bytes alive at a time.
  func order(isEager: Bool) -> (steps: [Step], peak: Int) {
    var run = ScheduleRun(self, isEager: isEager)
    var steps: [Step] = []
    steps.reserveCapacity(units.count)
    while let unit = run.next() {
      if let step = units[unit].step { steps.append(step) }
    }
    return (steps, run.peak)
  }
}

/// A walk through the units in one order.
private struct ScheduleRun {
  private let graph: UnitGraph
  private let isEager: Bool
  private var waiting: [Int]
  private var hindrances: [Int]
  private var isDone: [Bool]
  private var unread: [Int]
  /// Units that can run: those that free at least what they take, the others, and those that had better wait. A unit
  /// may be in several queues, and stays in them when it has run.
  private var freeing = IndexHeap()
  private var others = IndexHeap()
  private var hindered = IndexHeap()
  private var alive = 0
  /// The most bytes that were alive so far.
  private(set) var peak = 0

  init(_ graph: UnitGraph, isEager: Bool) {
    self.graph = graph
    self.isEager = isEager
    waiting = graph.units.map(\.waitsFor)
    hindrances = graph.units.map(\.hindrances)
    isDone = [Bool](repeating: false, count: graph.units.count)
    unread = graph.readCounts
    for unit in graph.units.indices where waiting[unit] == 0 { queue(unit) }
  }

  /// The next unit, as if it had run.
  mutating func next() -> Int? {
    guard let unit = take() else { return nil }
    isDone[unit] = true
    let content = graph.units[unit]
    alive += content.writes.reduce(0) { $0 + graph.bytes[$1] }
    peak = max(peak, alive + content.workingBytes)
    for node in content.reads {
      unread[node] -= 1
      if unread[node] == 0 { alive -= graph.bytes[node] }
      // The last reader frees the value, and may be worth running early now.
      if isEager, unread[node] == 1, let reader = graph.readers[node].first(where: { !isDone[$0] }) { hurry(reader) }
    }
    for other in content.hinders {
      hindrances[other] -= 1
      if hindrances[other] == 0, waiting[other] == 0 { queue(other) }
    }
    for follower in content.followers {
      waiting[follower] -= 1
      if waiting[follower] == 0 { queue(follower) }
    }
    return unit
  }

  private mutating func take() -> Int? {
    while let unit = freeing.popFirst() ?? others.popFirst() ?? hindered.popFirst() {
      if !isDone[unit] { return unit }
    }
    return nil
  }

  private mutating func queue(_ unit: Int) {
    if hindrances[unit] > 0 { return hindered.insert(unit) }
    isEager && growth(unit) <= 0 ? freeing.insert(unit) : others.insert(unit)
  }

  private mutating func hurry(_ unit: Int) {
    if waiting[unit] == 0, hindrances[unit] == 0, growth(unit) <= 0 { freeing.insert(unit) }
  }

  /// By how much a unit makes grow what is alive; as long as it waits, it can only become less.
  private func growth(_ unit: Int) -> Int {
    graph.units[unit].writes.reduce(0) { $0 + graph.bytes[$1] }
      - graph.units[unit].reads.reduce(0) { $0 + (unread[$1] == 1 ? graph.bytes[$1] : 0) }
  }
}
