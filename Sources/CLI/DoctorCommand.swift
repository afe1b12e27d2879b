import ArgumentParser
import CNative
import Descent
import Foundation

/// Says which native libraries were found, what is missing, what that costs and how to install it, and which of them was
/// measured to be the fastest for what.
struct DoctorCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "doctor", abstract: "Shows the native libraries that were found and what missing ones cost.")

  func run() throws {
    print("threads: \(dn_thread_count()), vector instructions: \(text(dn_instruction_set()))")
    let (current, names) = (Backend.current.name, Backend.all.map(\.name).joined(separator: ", "))
    print("backend: \(current)\(Backend(named: current) == nil ? ", which does not exist" : ""), of \(names)")
    var packages: [String] = []
    for number in 0..<DN_LIB_COUNT.rawValue {
      let library = dn_library(rawValue: number)
      let name = text(dn_library_name(library))
      if dn_library_available(library) {
        print("✓ \(name) \(text(dn_library_version(library))), \(text(dn_library_purpose(library)))")
        print("    \(text(dn_library_path(library)))")
        continue
      }
      // OpenBLAS has what a library of its own would bring.
      if library == DN_LIB_LAPACK, dn_lapack_available() { continue }
      print("✗ \(name), \(text(dn_library_purpose(library))): \(text(dn_library_problem(library)))")
      print("    without it: \(text(dn_library_cost(library)))")
      packages.append(text(dn_library_package(library)))
    }
    let programs = [
      ("dot", Graphviz.version, "drawing graphs", "descent explain gives text and JSON, but no SVG", "graphviz"),
      ("pdftoppm", PDFPage.version, "reading PDF files", "PDF files cannot be read", "poppler-utils"),
    ]
    for (name, version, purpose, cost, package) in programs {
      if let version {
        print("✓ \(name) \(version), \(purpose)")
        continue
      }
      print("✗ \(name), \(purpose): the program is not found in PATH")
      print("    without it: \(cost)")
      packages.append(package)
    }
    showTuning()
    let complaint = text(dn_environment_complaint())
    if !complaint.isEmpty { print("note: \(complaint)") }
    guard !packages.isEmpty else { return }
    // What the user switched off is not missing.
    if let chosen = ProcessInfo.processInfo.environment["DESCENT_NATIVE"], !chosen.isEmpty {
      print("DESCENT_NATIVE=\(chosen) switches libraries off; unset it to use them")
    } else {
      print("to install what is missing: sudo apt-get install \(packages.joined(separator: " "))")
    }
  }

  /// Shows which implementations were chosen for what, and what that was read from.
  private func showTuning() {
    guard let table = dn_tuning_shared() else { return }
    let mode = dn_tuning_mode_of(table)
    let machine = text(dn_tuning_machine(table))
    if mode == DN_TUNING_OFF { return print("tuning: off, products and convolutions follow fixed rules") }
    let choices = (0..<dn_tuning_count(table)).map { dn_tuning_at(table, $0) }
    let ours = choices.filter { text($0.machine) == machine }
    print(
      "tuning: \(mode == DN_TUNING_ON ? "on" : "pinned"), choices measured on \(machine): \(ours.count), on others: "
        + "\(choices.count - ours.count), in \(text(dn_tuning_path(table)))")
    for choice in ours { print("    \(text(choice.key)): \(text(choice.choice)) (\(text(choice.times)))") }
    var problem = [CChar](repeating: 0, count: 512)
    dn_tuning_problem(table, &problem, problem.count)
    if problem[0] != 0 { print("    more cannot be remembered: \(text(problem))") }
  }

  private func text(_ pointer: UnsafePointer<CChar>?) -> String { pointer.map { String(cString: $0) } ?? "" }
}
