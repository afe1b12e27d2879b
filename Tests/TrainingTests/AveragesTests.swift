import Testing

@testable import DescentTraining

@Suite struct AveragesTests {
  @Test func weights() {
    var averages = Averages(count: 2)
    #expect(averages.means.allSatisfy(\.isNaN) && averages.means.count == 2, "of nothing there is no mean")
    averages.add([1, 10], weight: 1)
    averages.add([4, 40], weight: 2)
    #expect(averages.means == [3, 30] && averages.weight == 3 && averages.sums == [9, 90])
  }

  /// The mean of an empty batch is no number, and spoils no other; nor does a weight that is none.
  @Test func emptyBatches() {
    var averages = Averages(count: 1)
    averages.add([.nan], weight: 0)
    averages.add([5], weight: -1)
    #expect(averages.weight == 0)
    averages.add([2], weight: 3)
    averages.add([.nan], weight: 0)
    #expect(averages.means == [2] && averages.weight == 3)
  }
}
