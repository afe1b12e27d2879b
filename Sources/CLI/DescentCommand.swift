import ArgumentParser
import Descent
import Foundation

@main
struct DescentCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "descent",
    abstract: "Deep learning in Swift.", version: descentVersion,
    subcommands: [
      ZIPCommand.self, DataCommand.self, BenchCommand.self, ExplainCommand.self, DoctorCommand.self,
      AccuracyCommand.self, RunsCommand.self, TextCommand.self, CaptionCommand.self, MinimizeCommand.self,
      FitCommand.self, ExpertsCommand.self, StudyCommand.self, AgentCommand.self,
    ])

  /// Runs a command, and fails where what it printed did not arrive.
  static func main() {
    // Where a standard stream is closed, the first file opened would take its place and be printed into.
    for descriptor in STDIN_FILENO...STDERR_FILENO where fcntl(descriptor, F_GETFD) < 0 {
      _ = open("/dev/null", descriptor == STDIN_FILENO ? O_WRONLY : O_RDONLY)
    }
    main(nil)
    guard fflush(nil) != 0 else { return }
    let fault = String(cString: strerror(errno))
    FileHandle.standardError.write(Data("Error: standard output cannot be written: \(fault)\n".utf8))
    Foundation.exit(1)
  }
}
