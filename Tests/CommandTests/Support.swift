import Foundation
import Testing

/// A program that this package builds, beside the tests.
func program(_ name: String) throws -> URL {
  let tests = URL(fileURLWithPath: CommandLine.arguments[0]).resolvingSymlinksInPath()
  // On Linux the tests are a file in the build folder, elsewhere a file deep within a bundle in it.
  var folder = tests.deletingLastPathComponent()
  for _ in 0..<4 {
    let candidate = folder.appendingPathComponent(name)
    if FileManager.default.isExecutableFile(atPath: candidate.path) { return candidate }
    folder.deleteLastPathComponent()
  }
  throw ProgramError("there is no program \(name) beside \(tests.path)")
}

struct ProgramError: Error, CustomStringConvertible {
  let description: String
  init(_ description: String) { self.description = description }
}

/// What a program that has ended left.
struct Ending {
  let output: String
  let errors: String
  /// The exit status, or the number of the signal that ended the program, as a negative number.
  let status: Int
}

/// A program that is running.
final class Run {
  let process = Process()
  private let output = Pipe()
  private let errors: URL
  private var text = Data()
  private let watchdog: DispatchWorkItem

  init(_ program: URL, _ arguments: [String], environment: [String: String] = [:]) throws {
    errors = FileManager.default.temporaryDirectory.appendingPathComponent("descent-errors-\(UUID().uuidString)")
    _ = FileManager.default.createFile(atPath: errors.path, contents: nil)
    process.executableURL = program
    process.arguments = arguments
    process.environment = ProcessInfo.processInfo.environment.merging(environment) { $1 }
    process.standardOutput = output
    process.standardError = try FileHandle(forWritingTo: errors)
    process.standardInput = FileHandle.nullDevice
    try process.run()
    let identifier = process.processIdentifier
    // No fault of a program may keep the tests waiting for ever.
    watchdog = DispatchWorkItem { kill(identifier, SIGKILL) }
    DispatchQueue.global().asyncAfter(deadline: .now() + 120, execute: watchdog)
  }

  /// Reads what the program prints until it has printed a number of lines, or has ended.
  func awaitLines(_ count: Int) {
    while text.count(where: { $0 == UInt8(ascii: "\n") }) < count {
      let more = output.fileHandleForReading.availableData
      if more.isEmpty { return }
      text += more
    }
  }

  func signal(_ number: Int32) { kill(process.processIdentifier, number) }

  /// Waits for the end.
  func ending() throws -> Ending {
    awaitLines(.max)
    process.waitUntilExit()
    watchdog.cancel()
    defer { try? FileManager.default.removeItem(at: errors) }
    let status = Int(process.terminationStatus)
    return Ending(
      output: String(decoding: text, as: UTF8.self),
      errors: String(decoding: try Data(contentsOf: errors), as: UTF8.self),
      status: process.terminationReason == .uncaughtSignal ? -status : status)
  }
}

/// Runs a program to its end.
func run(_ name: String, _ arguments: String...) throws -> Ending { try Run(program(name), arguments).ending() }

/// Whether the command can read PNG files here.
let canReadPNG: Bool = {
  guard let doctor = try? run("descent", "doctor") else { return false }
  return doctor.output.contains("✓ png ")
}()
