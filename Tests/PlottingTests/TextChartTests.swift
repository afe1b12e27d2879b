import Foundation
import Testing

@testable import DescentPlotting

@Suite struct TextChartTests {
  private let two = Chart(
    "Two", x: "step", y: "loss",
    [.line([0, 1, 2, 3], name: "up"), .line([3, 2, 1, 0], name: "down"), .level(y: 1.5, name: "half")])

  @Test(arguments: [30, 60, 80, 132]) func textFits(width: Int) throws {
    for color in [false, true] {
      let text = try two.text(width: width, height: 10, color: color)
      let plain = text.replacing(/\u{1B}\[[0-9]+m/, with: "")
      #expect(plain.split(separator: "\n").allSatisfy { $0.count <= width })
      #expect(plain.contains("up") && plain.contains("step") && plain.contains("half"))
      #expect(text.contains("\u{1B}") == color)
    }
  }

  @Test func curvesWithoutColorHaveSignsOfTheirOwn() throws {
    let text = try two.text(width: 60)
    #expect(text.contains("• up   + down"))
    let one = try Chart("", [.line([0, 1, 2])]).text()
    #expect(one.unicodeScalars.contains { (0x2801...0x28FF).contains($0.value) })
  }

  @Test func barsAreExactToAnEighth() throws {
    let text = try Chart(y: .init(range: 0...8), [.bars([1.0, 4, 8, 0])]).text(width: 40, height: 8)
    let rows = text.split(separator: "\n").prefix(8).map(String.init)
    #expect((7...9).contains(rows[0].filter { $0 == "█" }.count), "only the third bar reaches the top")
    #expect((21...27).contains(rows[7].filter { $0 == "█" }.count))
    let fine = try Chart(y: .init(range: 0...4), [.bars([0.5, 4])]).text(width: 40, height: 4)
    #expect(fine.split(separator: "\n")[3].contains("▄"))
  }

  @Test func whatIsWrittenCannotForgeLines() throws {
    let chart = Chart("a\nb\u{1B}[31m", x: "x\ny", [.line([1, 2], name: "n\nm"), .note("p\nq", x: 1, y: 1)])
    let text = try chart.text()
    #expect(!text.contains("\u{1B}"))
    #expect(text.contains(#"a\nb\u{1B}[31m"#) || text.contains(#"a\nb\u{001B}[31m"#))
    #expect(text.contains(#"n\nm"#))
  }

  @Test func aDiagonalIsDrawnFromCornerToCorner() throws {
    let chart = Chart(x: .init(range: 0...3), y: .init(range: 0...3), [.line([0, 1, 2, 3])])
    let rows = try chart.text(width: 30, height: 9).split(separator: "\n").map(String.init)
    #expect(rows.count == 11)
    #expect(rows[0].hasPrefix("3 ┤") && rows[8].hasPrefix("0 ┤"))
    let dots = rows.prefix(9).map { row in row.filter { ("\u{2801}"..."\u{28FF}").contains($0) } }
    #expect(rows[0].last.map { ("\u{2801}"..."\u{28FF}").contains($0) } == true, "it ends in the upper right corner")
    #expect(rows[8].dropFirst(3).first.map { ("\u{2801}"..."\u{28FF}").contains($0) } == true, "it begins at the left")
    #expect(dots.allSatisfy { !$0.isEmpty })
    #expect(rows[9].hasPrefix("  └┬") && rows[9].hasSuffix("┬") && rows[9].count == 30)
    #expect(rows[9].filter { $0 == "┬" }.count == 4)
  }
}
