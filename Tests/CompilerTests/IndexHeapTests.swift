import Testing

@testable import DescentCompiler

@Suite struct IndexHeapTests {
  /// Whatever the order they come in, the smallest goes first.
  @Test func smallestFirst() {
    for seed in 1...40 {
      var heap = IndexHeap()
      var kept: [Int] = []
      var state = seed
      for turn in 0..<60 {
        state = (state * 1_103_515_245 + 12_345) & 0x7fff_ffff
        if turn % 5 == 4 {
          let smallest = kept.min()
          #expect(heap.popFirst() == smallest)
          if let place = smallest.flatMap({ kept.firstIndex(of: $0) }) { kept.remove(at: place) }
        } else {
          let number = state >> 8 & 0xff
          heap.insert(number)
          kept.append(number)
        }
      }
      for number in kept.sorted() { #expect(heap.popFirst() == number) }
      #expect(heap.popFirst() == nil)
    }
  }
}
