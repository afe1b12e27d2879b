import DescentPlotting
import Foundation
import TestSupport
import Testing

@testable import DescentSearch

@Suite struct AnalysisTests {
  /// Trials of a study with everything that there is to be drawn.
  static let trials: [TrialRecord] = {
    let domains: [String: Domain] = [
      "rate": .real(1e-4...1, scale: .logarithmic), "layers": .integer(1...6),
      "kind": .choice(["relu", "gelu", "tanh"]),
      "bias": .toggle,
    ]
    let begin = Date(timeIntervalSince1970: 1_000)
    return (0..<60).map { number in
      var random = TrialRandom(seed: 1, trial: number, purpose: "trial")
      var settings: Settings = [:]
      for (name, domain) in domains.sorted(by: { $0.key < $1.key }) { settings[name] = domain.setting(from: &random) }
      let rate = log10(settings("rate")) + 2
      let error = 0.05 + 0.1 * rate * rate + 0.02 * settings("layers") + (settings("kind") == 1 ? 0 : 0.05)
      let state: TrialRecord.State = number % 13 == 5 ? .failed : number % 5 == 3 ? .pruned : .complete
      let steps = state == .pruned ? 4 : 10
      let curve = (0..<steps).map { ($0, error + 0.6 * exp(-Double($0) / 3)) }
      let start = begin.addingTimeInterval(Double(number / 2) * 9 + random.unit())
      return TrialRecord(
        number: number, state: state, domains: domains, settings: settings,
        values: state == .complete ? [error, 100 * settings("layers") + 50 * random.unit()] : [],
        violations: state == .complete ? [settings("layers") > 5 ? 1 : 0] : [],
        reports: state == .failed ? [:] : Dictionary(uniqueKeysWithValues: curve), worker: "machine:1:\(number % 2)",
        start: start, end: start.addingTimeInterval(8 * Double(steps) / 10))
    }
  }()

  private static let pictures = StudyPictures(
    "digits & <letters>", [.minimizing("error"), .minimizing("milliseconds")], trials)

  // MARK: Importances

  /// f = 3·x₀ + x₁ over the unit square: the variances are 9/12 and 1/12.
  @Test func sharesOfVarianceAreThoseOfTheFunction() throws {
    let trials = (0..<300).map { number in
      var random = TrialRandom(seed: 2, trial: number, purpose: "x")
      let (x, y, z) = (random.unit(), random.unit(), random.unit())
      return TrialRecord(
        number: number, state: .complete, domains: ["x": .real(0...1), "y": .real(0...1), "z": .real(0...1)],
        settings: ["x": .real(x), "y": .real(y), "z": .real(z)], values: [3 * x + y])
    }
    let found = try Importances(of: trials)
    #expect(found.shares.map(\.name) == ["x", "y", "z"])
    #expect(abs((found["x"] ?? 0) - 0.9) < 0.05)
    #expect(abs((found["y"] ?? 0) - 0.1) < 0.05)
    #expect((found["z"] ?? 1) < 0.02)
    #expect(abs(found.shares.reduce(0) { $0 + $1.share } - 1) < 1e-12)
    #expect(try found == Importances(of: trials))
    let scales = try Importances(of: Array(trials.prefix(40)), by: .lengthScales)
    #expect(scales.shares.first?.name == "x")
    #expect(found.description.hasPrefix("x  9") || found.description.hasPrefix("x  8"))
  }

  /// A tree by hand: x ≤ 0.25 gives 0; otherwise an option gives 4 or 8.
  @Test func sharesOfATreeAreExact() throws {
    let rows: [[Double]] = [[0.1, 1, 0], [0.2, 0, 1], [0.3, 1, 0], [0.9, 0, 1], [0.3, 0, 1], [0.9, 1, 0]]
    let forest = RegressionForest(rows, [0, 0, 4, 8, 8, 4], count: 200, seed: 1)
    let shares = VarianceShares([.init(columns: 0..<1, isOneHot: false), .init(columns: 1..<3, isOneHot: true)])
    let full = forest.trees.filter { tree in zip(rows, [0, 0, 4, 8, 8, 4]).allSatisfy { tree.value(at: $0) == $1 } }
    let tree = try #require(full.first { shares.shares(of: $0) != nil && $0.nodes.count == 5 })
    guard case .split(0, let threshold, _, _) = tree.nodes[0] else { return }
    // Means over the other parameter: 0 below the threshold and 6 above; 4·(1 − t) and 8·(1 − t) of the options.
    let above = 1 - threshold
    let mean = 6 * above
    let variance = threshold * mean * mean + above / 2 * (pow(4 - mean, 2) + pow(8 - mean, 2))
    let found = try #require(shares.shares(of: tree))
    #expect(abs(found[0] - threshold * above * 36 / variance) < 1e-12)
    #expect(abs(found[1] - above * above * 4 / variance) < 1e-12)
  }

  @Test func importanceNeedsTrials() {
    #expect(throws: SearchError.self) { try Importances(of: []) }
    #expect(throws: SearchError.self) { try Importances(of: Array(Self.trials.prefix(1))) }
  }

  // MARK: Pictures

  @Test func everyPictureIsDrawn() throws {
    let pictures = Self.pictures
    for chart in [
      pictures.history(), pictures.history(objective: 1), try pictures.contours("rate", "layers"),
      try pictures.importances(), pictures.reports(), pictures.front(), pictures.timeline(),
    ] {
      #expect(try chart.svg().contains("</svg>"))
      #expect(try !chart.text().isEmpty)
    }
    #expect(try pictures.slices().svg().contains("relu"))
    #expect(try pictures.parallelCoordinates().svg().contains("gelu"))
    #expect(throws: SearchError.self) { try pictures.contours("rate", "kind") }
    #expect(throws: SearchError.self) { try pictures.contours("rate", "nothing") }
    if let folder = ProcessInfo.processInfo.environment["DESCENT_PICTURES"] {
      try pictures.history().write(to: folder + "/history.svg")
      try pictures.contours("rate", "layers").write(to: folder + "/contours.svg")
      try pictures.importances().write(to: folder + "/importances.svg")
      try pictures.reports().write(to: folder + "/reports.svg")
      try pictures.front().write(to: folder + "/front.svg")
      try pictures.timeline().write(to: folder + "/timeline.svg")
      try pictures.slices().write(to: folder + "/slices.svg")
      try pictures.parallelCoordinates().write(to: folder + "/parallel.svg")
      try pictures.write(to: folder + "/page.html")
    }
  }

  @Test func nothingIsDrawnOfNothing() throws {
    let pictures = StudyPictures("empty", [.minimizing("error")], [])
    #expect(try pictures.history().svg().contains("</svg>"))
    #expect(try pictures.parallelCoordinates().svg().contains("</svg>"))
    #expect(try pictures.page().contains("</html>"))
  }

  @Test func thePageNeedsNothingFromElsewhere() throws {
    let page = try Self.pictures.page()
    #expect(page.contains("<h1>digits &amp; &lt;letters&gt;</h1>"))
    #expect(!page.contains("<script"))
    let links = page.components(separatedBy: "http").dropFirst()
    #expect(links.allSatisfy { $0.hasPrefix("://www.w3.org/2000/svg") })
    for word in ["Front", "History", "Importance", "Contours", "Parallel coordinates", "Slices", "Workers"] {
      #expect(page.contains("aria-label=\"\(word)"), "\(word)")
    }
    #expect(page.components(separatedBy: "<svg xmlns").count >= 9)
  }

  private static let browser = ["chromium", "chromium-browser", "google-chrome"].lazy.flatMap { name in
    (ProcessInfo.processInfo.environment["PATH"] ?? "").split(separator: ":").map { "\($0)/\(name)" }
  }.first { FileManager.default.isExecutableFile(atPath: $0) }

  /// The page in a browser: what it shows fills a picture, in both color schemes.
  @Test(.enabled(if: browser != nil, "no Chromium is installed"))
  func aBrowserShowsThePage() throws {
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent("descent-page-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    let (page, picture) = (folder.appendingPathComponent("page.html"), folder.appendingPathComponent("page.png"))
    try Self.pictures.write(to: page.path)
    let process = Process()
    process.executableURL = URL(fileURLWithPath: try #require(Self.browser))
    process.arguments = [
      "--headless", "--no-sandbox", "--disable-gpu", "--hide-scrollbars", "--window-size=1500,3000",
      "--user-data-dir=\(folder.appendingPathComponent("profile").path)", "--screenshot=\(picture.path)",
      page.absoluteString,
    ]
    process.standardOutput = FileHandle.nullDevice
    process.standardError = FileHandle.nullDevice
    try process.run()
    process.waitUntilExit()
    let bytes = try Data(contentsOf: picture)
    #expect(Array(bytes.prefix(4)) == [0x89, 0x50, 0x4E, 0x47])
    // A page that stays empty is a picture of one color, which takes some kilobytes.
    #expect(bytes.count > 100_000)
  }
}
