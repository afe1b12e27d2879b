/// Where in a builder's list of nodes each one stands: a hash table that holds places and no nodes, so that growing it
/// neither hashes nor copies any.
struct NodeTable {
  private struct Slot {
    var hash: Int
    /// The node's place; negative for a free slot.
    var node: Int
  }

  private var slots = [Slot](repeating: Slot(hash: 0, node: -1), count: 64)
  private var count = 0

  /// The first node of this hash that is the one sought. - Complexity: O(1), expected.
  func find(_ hash: Int, where isSought: (Int) -> Bool) -> Int? {
    var place = hash & (slots.count - 1)
    while slots[place].node >= 0 {
      if slots[place].hash == hash, isSought(slots[place].node) { return slots[place].node }
      place = (place + 1) & (slots.count - 1)
    }
    return nil
  }

  /// Adds a node that is not there yet. - Complexity: O(1), expected and amortized.
  mutating func insert(_ node: Int, _ hash: Int) {
    if 2 * count >= slots.count { grow() }
    put(Slot(hash: hash, node: node))
    count += 1
  }

  private mutating func put(_ slot: Slot) {
    var place = slot.hash & (slots.count - 1)
    while slots[place].node >= 0 { place = (place + 1) & (slots.count - 1) }
    slots[place] = slot
  }

  private mutating func grow() {
    let old = slots
    slots = [Slot](repeating: Slot(hash: 0, node: -1), count: 2 * old.count)
    for slot in old where slot.node >= 0 { put(slot) }
  }
}
