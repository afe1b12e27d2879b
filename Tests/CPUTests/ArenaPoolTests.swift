import Testing

@testable import DescentCPU

/// Working memory that plans share which do not run at once.
@Suite struct ArenaPoolTests {
  @Test func plansThatDoNotRunAtOnceShareOne() throws {
    let pool = ArenaPool(limit: .max)
    for size in [1_000_000, 500_000, 1_000_100] { pool.open(size) }
    var places: Set<UnsafeMutableRawPointer> = []
    for size in [1_000_000, 500_000, 1_000_000, 1_000_100] {
      let arena = try pool.acquire(size, preferring: nil)
      #expect(arena.memory.byteCount >= size && pool.usage.count == 1)
      places.insert(arena.memory.pointer)
      pool.giveBack(arena)
    }
    #expect(places.count == 1)
    #expect(pool.usage.bytes < 1_200_000)
  }

  @Test func plansThatRunAtOnceHaveOneEach() throws {
    let pool = ArenaPool(limit: .max)
    pool.open(1_000_000)
    let (first, second) = try (pool.acquire(1_000_000, preferring: nil), pool.acquire(1_000_000, preferring: nil))
    #expect(first.memory.pointer != second.memory.pointer && pool.usage.count == 2)
    pool.giveBack(first)
    pool.giveBack(second)
    // The one that was had before, so that addresses in it stay right.
    let again = try pool.acquire(900_000, preferring: first.memory.pointer)
    #expect(again === first)
    pool.giveBack(again)
  }

  @Test func aLargerOneTakesTheSmallersPlace() throws {
    let pool = ArenaPool(limit: .max)
    for size in stride(from: 1_000_000, through: 9_000_000, by: 1_000_000) {
      pool.open(size)
      pool.giveBack(try pool.acquire(size, preferring: nil))
      #expect(pool.usage.count == 1 && pool.usage.bytes >= size && pool.usage.bytes < size + size / 4)
    }
  }

  @Test func whatNoPlanAsksForIsGivenBack() throws {
    let pool = ArenaPool(limit: .max)
    pool.open(1_000_000)
    pool.open(100_000)
    pool.giveBack(try pool.acquire(1_000_000, preferring: nil))
    #expect(pool.usage.count == 1)
    pool.close(1_000_000)
    #expect(pool.usage.count == 0 && pool.usage.bytes == 0)
    pool.giveBack(try pool.acquire(100_000, preferring: nil))
    #expect(pool.usage.count == 1)
    // A plan that goes while it runs leaves no arena either.
    let last = try pool.acquire(100_000, preferring: nil)
    pool.close(100_000)
    pool.giveBack(last)
    #expect(pool.usage.count == 0 && pool.usage.bytes == 0)
  }

  /// One that small plans alone still use is too large: it may go.
  @Test func onlyAGoodPartOfItCountsAsANeed() throws {
    let pool = ArenaPool(limit: .max)
    pool.open(1_000_000)
    let arena = try pool.acquire(1_000_000, preferring: nil)
    let (size, made) = (arena.memory.byteCount, arena.lastNeed)
    for (bytes, isNeed) in [(1_000, false), (size / 2, false), (size / 2 + 1, true)] {
      pool.giveBack(arena)
      #expect(try pool.acquire(bytes, preferring: nil) === arena)
      #expect((arena.lastNeed > made) == isNeed, "\(bytes)")
    }
    pool.giveBack(arena)
  }

  @Test func noMoreWaitsThanTheLimit() throws {
    let pool = ArenaPool(limit: 3_000_000)
    for size in [1_000_000, 2_000_000, 4_000_000] { pool.open(size) }
    let (first, second) = try (pool.acquire(1_000_000, preferring: nil), pool.acquire(2_000_000, preferring: nil))
    pool.giveBack(first)
    pool.giveBack(second)
    #expect(pool.usage.bytes <= 3_000_000 && pool.usage.count == 1)
    pool.giveBack(try pool.acquire(4_000_000, preferring: nil))
    #expect(pool.usage.count == 0)
    pool.giveBack(try pool.acquire(2_000_000, preferring: nil))
    pool.limit = 0
    #expect(pool.usage.count == 0 && pool.limit == 0)
  }

  @Test func sizesAreRoundedUpByLittle() {
    for bytes in [1, 64, 65, 1_000, 4_096, 5_000_000, 123_456_789, 1 << 40] {
      let rounded = ArenaPool.rounded(bytes)
      #expect(rounded >= bytes && rounded <= max(64, bytes + bytes / 8))
    }
    #expect(ArenaPool.rounded(.max) == .max)
  }
}
