import ArgumentParser
import CNative

/// Says which native libraries were found, what is missing, what that costs and how to install it.
struct DoctorCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "doctor", abstract: "Shows the native libraries that were found and what missing ones cost.")

  func run() throws {
    print("threads: \(dn_thread_count())")
    var missing: [String] = []
    for number in 0..<DN_LIB_COUNT.rawValue {
      let library = dn_library(rawValue: number)
      let name = text(dn_library_name(library))
      guard dn_library_available(library) else {
        print("✗ \(name): missing. It is for \(text(dn_library_purpose(library)))."
          + " Without it: \(text(dn_library_cost(library))).")
        missing.append(text(dn_library_package(library)))
        continue
      }
      print("✓ \(name) \(text(dn_library_version(library))), for \(text(dn_library_purpose(library)))"
        + " (\(text(dn_library_path(library))))")
    }
    if let complaint = dn_libraries_complaint() { print("note: \(String(cString: complaint))") }
    if !missing.isEmpty { print("to install what is missing: sudo apt-get install \(missing.joined(separator: " "))") }
  }

  private func text(_ pointer: UnsafePointer<CChar>?) -> String { pointer.map { String(cString: $0) } ?? "" }
}
