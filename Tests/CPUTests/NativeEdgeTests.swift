import CNative
import Testing

/// What the native floor says of itself at its edges.
@Suite struct NativeEdgeTests {
  @Test(arguments: [
    (46_340, 1, true), (46_341, 1, false), (1, Int(Int32.max), true), (1, Int(Int32.max) + 1, false),
    (40_000, 60_000, false), (40_000, 50_000, true),
  ]) func systemsThatLAPACKCanCount(size: Int, others: Int, fits: Bool) {
    guard dn_lapack_available() else { return }
    var system = dn_linear_system(
      type: DN_F64, transposed: false, size: Int64(size), others: Int64(others), batch: 1)
    #expect((dn_solve_scratch(&system) > 0) == fits)
    guard !fits else { return }
    var text = [CChar](repeating: 0, count: 200)
    #expect(dn_solve(&system, nil, nil, nil, &text, text.count) != 0)
    let words = text.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }
    #expect(String(decoding: words, as: UTF8.self).contains("\(size) equations with \(others) right-hand sides"))
  }

  /// Errors name the user's line by the calls that led to them.
  @Test func theCallsThatLedHere() {
    var calls = [UInt](repeating: 0, count: Int(DN_MOST_CALLS))
    let count = Int(dn_calls(&calls))
    #expect(count > 3 && count <= calls.count)
    #expect(calls.prefix(count).allSatisfy { $0 != 0 })
  }
}
