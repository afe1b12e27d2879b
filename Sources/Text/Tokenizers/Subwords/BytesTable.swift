/// Numbers of byte strings: a hash table whose keys lie in one array, for the loops over millions of words.
struct BytesTable: Sendable {
  /// The keys one after the other.
  private var keys: [UInt8] = []
  /// Where each key begins; one more than there are keys.
  private var starts: [Int32] = [0]
  private var values: [Int32] = []
  /// The places of keys, −1 where there is none; as many as a power of two.
  private var slots: [Int32] = Array(repeating: -1, count: 64)

  /// How many keys there are.
  var count: Int { values.count }

  /// How many bytes the keys have.
  var byteCount: Int { keys.count }

  /// The number of a key, −1 where it is not there.
  func value(_ key: UnsafeBufferPointer<UInt8>) -> Int {
    let place = find(key, Self.hash(key))
    return place.slot < 0 ? -1 : Int(values[place.slot])
  }

  /// The same for bytes in an array.
  func value(_ key: some Sequence<UInt8>) -> Int { Array(key).withUnsafeBufferPointer { value($0) } }

  /// Gives a key a number; one that it has already is replaced.
  mutating func insert(_ key: UnsafeBufferPointer<UInt8>, _ value: Int) {
    let hash = Self.hash(key)
    let place = find(key, hash)
    if place.slot >= 0 {
      values[place.slot] = Int32(truncatingIfNeeded: value)
      return
    }
    slots[place.empty] = Int32(truncatingIfNeeded: values.count)
    keys.append(contentsOf: key)
    starts.append(Int32(truncatingIfNeeded: keys.count))
    values.append(Int32(truncatingIfNeeded: value))
    if values.count * 2 > slots.count { grow() }
  }

  mutating func insert(_ key: [UInt8], _ value: Int) { key.withUnsafeBufferPointer { insert($0, value) } }

  private func find(_ key: UnsafeBufferPointer<UInt8>, _ hash: UInt64) -> (slot: Int, empty: Int) {
    slots.withUnsafeBufferPointer { slots in
      keys.withUnsafeBufferPointer { keys in
        starts.withUnsafeBufferPointer { starts in
          let mask = slots.count - 1
          var place = Int(truncatingIfNeeded: hash) & mask
          while true {
            let slot = Int(slots[place])
            if slot < 0 { return (-1, place) }
            let start = Int(starts[slot])
            if Int(starts[slot + 1]) - start == key.count, Self.equal(keys, start, key) { return (slot, place) }
            place = (place + 1) & mask
          }
        }
      }
    }
  }

  private static func equal(
    _ keys: UnsafeBufferPointer<UInt8>, _ start: Int, _ key: UnsafeBufferPointer<UInt8>
  ) -> Bool {
    for index in 0..<key.count where keys[start + index] != key[index] { return false }
    return true
  }

  private static func hash(_ key: UnsafeBufferPointer<UInt8>) -> UInt64 {
    var hash: UInt64 = 0xCBF2_9CE4_8422_2325
    for byte in key { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01B3 }
    return hash ^ (hash >> 29)
  }

  private mutating func grow() {
    slots = Array(repeating: -1, count: slots.count * 2)
    let mask = slots.count - 1
    for slot in values.indices {
      let hash = keys[Int(starts[slot])..<Int(starts[slot + 1])].withUnsafeBufferPointer { Self.hash($0) }
      var place = Int(truncatingIfNeeded: hash) & mask
      while slots[place] >= 0 { place = (place + 1) & mask }
      slots[place] = Int32(truncatingIfNeeded: slot)
    }
  }
}
