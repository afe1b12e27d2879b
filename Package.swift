// swift-tools-version: 6.1
import PackageDescription

/// A floor of the house: a target of the library in the folder of its short name.
func floor(_ name: String, _ dependencies: [Target.Dependency], resources: [Resource] = []) -> Target {
  .target(name: "Descent\(name)", dependencies: dependencies, path: "Sources/\(name)", resources: resources)
}

/// A program that shows one thing.
func example(_ name: String) -> Target {
  .executableTarget(name: name, dependencies: ["Descent"], path: "Examples/\(name)")
}

/// The tests of a floor, in the folder of its short name.
func tests(_ name: String, _ dependencies: [Target.Dependency], exclude: [String] = []) -> Target {
  .testTarget(name: "\(name)Tests", dependencies: dependencies, path: "Tests/\(name)Tests", exclude: exclude)
}

let package = Package(
  name: "Descent",
  products: [
    .library(name: "Descent", targets: ["Descent"]),
    .executable(name: "descent", targets: ["DescentCLI"]),
  ],
  dependencies: [
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.0"),
    .package(url: "https://github.com/apple/swift-log", from: "1.16.0"),
  ],
  targets: [
    .target(name: "CNative", cSettings: [.headerSearchPath(".")], linkerSettings: [.linkedLibrary("m")]),
    .target(name: "CFormats", dependencies: ["CNative"]),
    .target(name: "CDatabases", dependencies: ["CNative"]),
    floor("Types", []),
    floor("Files", ["DescentTypes"]),
    floor("Graph", ["CNative", "DescentTypes"]),
    floor("Differentiation", ["DescentGraph"]),
    floor("Compiler", ["DescentGraph", .product(name: "Logging", package: "swift-log")]),
    floor(
      "CPU",
      ["CNative", "DescentGraph", "DescentCompiler", .product(name: "Logging", package: "swift-log")]),
    floor("Reference", ["DescentGraph", "DescentCompiler"]),
    floor("Backends", ["DescentGraph", "DescentCompiler", "DescentCPU", "DescentReference"]),
    floor(
      "Tensors",
      ["CNative", "DescentFiles", "DescentGraph", "DescentDifferentiation", "DescentCompiler", "DescentBackends"]),
    floor("Plotting", ["DescentTypes", "DescentFiles", "DescentTensors", "DescentData"]),
    floor("Minimization", ["DescentTypes", "DescentGraph", "DescentTensors", "DescentPlotting"]),
    floor("Layers", ["DescentFiles", "DescentGraph", "DescentTensors"]),
    floor("Optimizers", ["DescentGraph", "DescentTensors"]),
    floor(
      "Data", ["CNative", "CFormats", "DescentFiles", "DescentGraph", "DescentBackends", "DescentTensors"],
      resources: [.copy("Resources/optdigits.csv")]),
    floor(
      "Explaining",
      [
        "CNative", "DescentFiles", "DescentGraph", "DescentDifferentiation", "DescentCompiler", "DescentBackends",
        "DescentTensors", "DescentData", "DescentPlotting",
      ]),
    floor(
      "Training",
      [
        "CNative", "DescentFiles", "DescentGraph", "DescentCompiler", "DescentBackends", "DescentTensors",
        "DescentLayers", "DescentOptimizers", "DescentData", "DescentPlotting",
      ]),
    floor(
      "Text",
      [
        "DescentTypes", "DescentFiles", "DescentGraph", "DescentTensors", "DescentLayers", "DescentOptimizers",
        "DescentData", "DescentTraining",
      ]),
    floor(
      "Search",
      [
        "CNative", "CFormats", "CDatabases", "DescentTypes", "DescentFiles", "DescentGraph", "DescentBackends",
        "DescentTensors", "DescentLayers",
        "DescentMinimization", "DescentPlotting", "DescentData",
      ]),
    floor(
      "Agents",
      [
        "CNative", "CFormats", "DescentTypes", "DescentFiles", "DescentGraph", "DescentTensors", "DescentLayers",
        "DescentOptimizers", "DescentData", "DescentPlotting", "DescentSearch", "DescentTraining",
      ]),
    .target(
      name: "Descent",
      dependencies: [
        "DescentTypes", "DescentFiles", "DescentBackends", "DescentTensors", "DescentLayers", "DescentOptimizers",
        "DescentAgents", "DescentData", "DescentExplaining", "DescentMinimization", "DescentPlotting", "DescentSearch",
        "DescentText", "DescentTraining",
      ]),
    .target(
      name: "DescentZIP",
      dependencies: ["CFormats", "DescentFiles", "DescentGraph", "DescentData", "DescentPlotting", "Descent"],
      path: "Sources/ZIP"),
    .target(
      name: "DescentCaptions",
      dependencies: ["DescentFiles", "DescentGraph", "DescentData", "DescentPlotting", "Descent"],
      path: "Sources/Captions"),
    .executableTarget(
      name: "DescentCLI",
      dependencies: [
        "Descent", "DescentData", "DescentFiles", "DescentZIP", "DescentCaptions", "DescentBackends", "DescentCompiler",
        "DescentDifferentiation",
        "DescentGraph", "CNative",
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
      ],
      path: "Sources/CLI"),
    example("Agents"),
    example("ChainRule"),
    example("Captioner"),
    example("Charts"),
    example("Curvature"),
    example("DescentByHand"),
    example("Classifier"),
    example("DigitTutorial"),
    example("Evolution"),
    example("OwnLoop"),
    example("FineTuning"),
    example("LanguageModel"),
    example("MillionPixels"),
    example("Tables"),
    example("Trials"),
    example("Valley"),
    example("Mistakes"),
    example("Pictures"),
    example("SeeingIt"),
    tests("Files", ["DescentFiles"]),
    tests("Graph", ["DescentGraph"]),
    tests("Differentiation", ["DescentGraph", "DescentDifferentiation"]),
    tests("Operation", ["DescentGraph", "DescentDifferentiation", "DescentCompiler", "DescentCPU"]),
    tests("Compiler", ["DescentGraph", "DescentCompiler"]),
    tests("CPU", ["CNative", "DescentGraph", "DescentCompiler", "DescentCPU", "TestSupport"]),
    tests("Reference", ["DescentGraph", "DescentCompiler", "DescentReference"]),
    tests(
      "Backends",
      ["DescentGraph", "DescentCompiler", "DescentCPU", "DescentReference", "DescentBackends", "DescentTensors"]),
    tests("Tensors", ["DescentFiles", "DescentGraph", "DescentBackends", "DescentTensors", "TestSupport"]),
    tests(
      "Property",
      ["DescentGraph", "DescentDifferentiation", "DescentCompiler", "DescentCPU", "DescentTensors", "DescentData"]),
    tests(
      "Minimization", ["DescentTensors", "DescentMinimization", "DescentPlotting", "TestProblems"],
      exclude: ["nist.txt"]),
    tests("Plotting", ["DescentTypes", "DescentFiles", "DescentTensors", "DescentPlotting"]),
    tests(
      "Layers", ["DescentGraph", "DescentTensors", "DescentLayers", "TestSupport", "TestModels"],
      exclude: ["torch-values.txt", "keras-values.txt", "attention-values.txt"]),
    tests(
      "Optimizers", ["DescentGraph", "DescentTensors", "DescentOptimizers"],
      exclude: ["trajectories.txt", "curvature-values.txt"]),
    tests("Data", ["CNative", "DescentTypes", "DescentFiles", "DescentTensors", "DescentData"]),
    tests(
      "Explaining",
      [
        "DescentFiles", "DescentGraph", "DescentDifferentiation", "DescentBackends", "DescentTensors",
        "DescentExplaining", "DescentPlotting", "TestSupport",
      ]),
    tests(
      "Training",
      [
        "DescentGraph", "DescentCompiler", "DescentBackends", "DescentTensors", "DescentLayers", "DescentOptimizers",
        "DescentData", "DescentTraining",
        "TestSupport", "TestModels",
      ]),
    tests(
      "Text",
      [
        "DescentFiles", "DescentGraph", "DescentTensors", "DescentLayers", "DescentOptimizers", "DescentData",
        "DescentTraining", "DescentText", "TestSupport",
      ], exclude: ["pretrained-values.txt", "sentence-values.txt", "tokenizers"]),
    tests(
      "Search",
      [
        "DescentGraph", "CNative", "DescentFiles", "DescentTensors", "DescentLayers", "DescentData", "DescentPlotting",
        "DescentSearch",
        "TestSupport",
      ]),
    tests(
      "Agents",
      [
        "DescentFiles", "DescentGraph", "DescentTensors", "DescentLayers", "DescentOptimizers", "DescentData",
        "DescentSearch", "DescentTraining", "DescentAgents", "TestSupport",
      ]),
    tests("ZIP", ["Descent", "DescentFiles", "DescentData", "DescentZIP"]),
    tests("Captions", ["CNative", "Descent", "DescentFiles", "DescentCaptions", "TestSupport"]),
    tests("Descent", ["Descent"]),
    tests("Article", ["Descent"]),
    .testTarget(name: "NamesTests", dependencies: ["Descent"], path: "Tests/NamesTests", exclude: ["values.txt"]),
    .executableTarget(name: "TrainingProgram", dependencies: ["Descent"], path: "Tests/TrainingProgram"),
    .executableTarget(
      name: "AgentTable", dependencies: ["DescentTensors", "DescentLayers", "DescentTraining", "DescentAgents"],
      path: "Tests/AgentTable"),
    .executableTarget(name: "TrialsProgram", dependencies: ["Descent"], path: "Tests/TrialsProgram"),
    .executableTarget(name: "MemoryProgram", dependencies: ["Descent"], path: "Tests/MemoryProgram"),
    tests(
      "Command",
      ["TrainingProgram", "TrialsProgram", "MemoryProgram", "DescentCLI", "DescentZIP", "Descent", "TestSupport"]),
    .target(name: "TestSupport", path: "Tests/Support"),
    .target(name: "TestProblems", dependencies: ["DescentTensors"], path: "Tests/Problems"),
    .target(name: "TestModels", dependencies: ["DescentTensors", "DescentLayers"], path: "Tests/Models"),
  ],
  swiftLanguageModes: [.v6]
)

// `DESCENT_TESTS=Layers,Training swift test` builds the tests of these floors and what they need, and nothing else: a change
// deep in the house is tried without building every test, example and command above it.
if let floors = Context.environment["DESCENT_TESTS"], !floors.isEmpty {
  var needed: Set<String> = []
  var waiting = floors.split(separator: ",").map { "\($0)Tests" }
  while let name = waiting.popLast() {
    guard needed.insert(name).inserted, let target = package.targets.first(where: { $0.name == name }) else { continue }
    for case .byNameItem(let name, _) in target.dependencies { waiting.append(name) }
  }
  package.targets.removeAll { !needed.contains($0.name) }
  // The tests of a command run it.
  package.products.removeAll { product in
    !((product as? Product.Executable)?.targets.allSatisfy(needed.contains) ?? false)
  }
}
