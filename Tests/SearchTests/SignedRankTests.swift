import Testing

@testable import DescentSearch

@Suite struct SignedRankTests {
  /// `scipy.stats.wilcoxon(d, alternative="greater", zero_method="zsplit").pvalue`, scipy 1.17.1.
  @Test func probabilitiesAreThoseOfSciPy() {
    func check(_ differences: [Double], _ probability: Double) {
      #expect(abs(SignedRanks.probability(ofLarger: differences) - probability) < 1e-12)
    }
    check([1, 2, 3, -1.5], 0.1875)
    check([0.5, 0.5, -0.5, 1, 2, 0], 0.125)
    check([3, 1, -2, 4, 5, -6, 7, 8, 9.5, -0.2, 0.7, 1.1, -3.3, 2.2, 6.5], 0.023956298828125)
    check([1, 1, 1, 1], 0.0625)
    check([0, 0, 1, -2], 0.75)
    let many: [Double] = (0..<60).map { index in
      let mixed = Double(index * 37 % 101 - 30) / 10
      return mixed + 0.01 * Double(index)
    }
    check(many, 2.420585549351574e-06)
  }
}
