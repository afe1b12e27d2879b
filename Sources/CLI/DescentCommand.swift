import ArgumentParser

@main
struct DescentCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "descent",
    abstract: "Deep learning and black-box optimisation in Swift.",
    subcommands: [
      ZIPCommand.self, DataCommand.self, BenchCommand.self, ExplainCommand.self, DoctorCommand.self,
      AccuracyCommand.self,
    ])
}
