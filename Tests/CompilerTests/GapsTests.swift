import Testing

@testable import DescentCompiler

@Suite struct GapsTests {
  /// Blocks in use at the same time never overlap, and what is free is used again.
  @Test func nothingOverlaps() {
    var gaps = Gaps()
    var used: [(offset: Int, size: Int)] = []
    var state: UInt64 = 7
    func below(_ limit: Int) -> Int {
      state = state &* 0x5851_F42D_4C95_7F2D &+ 0x1405_7B7E_F767_814F
      return Int(state >> 33) % limit
    }
    var most = 0
    for _ in 0..<2_000 {
      if used.count > 20 || (below(2) == 0 && !used.isEmpty) {
        let block = used.remove(at: below(used.count))
        gaps.giveBack(block.size, at: block.offset)
      } else {
        let size = 64 * (1 + below(8))
        let offset = gaps.take(size)
        #expect(used.allSatisfy { $0.offset + $0.size <= offset || offset + size <= $0.offset })
        #expect(offset + size <= gaps.end)
        used.append((offset, size))
      }
      most = max(most, used.reduce(0) { $0 + $1.size })
    }
    #expect(gaps.end <= 2 * most)
    for block in used { gaps.giveBack(block.size, at: block.offset) }
    #expect(gaps.take(gaps.end) == 0)
  }
}
