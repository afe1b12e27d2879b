import Descent

/// What the compiler's passes do to the training step of one of the benchmark's models.
enum PassReport {
  static func run(_ model: String, svg: String?, json: Bool, color: Bool) throws {
    for type in BenchCommand.workloads where type.name == model {
      let story = try story(type)
      if let svg { try FileContents.write(Array(story.svg().utf8), to: svg) }
      print(json ? try story.json() : story.text(color: color) + "\n", terminator: "")
    }
  }

  private static func story<W: Workload>(_ type: W.Type) throws -> CompilationStory {
    try CompilationStory("\(W.name), one training step", try W.step(try W.setup()).plan())
  }
}
