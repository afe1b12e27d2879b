import DescentCPU
import DescentCompiler
import DescentReference
import Foundation

/// What compiles and runs the plans of tensors, and owns the memory of what they compute.
///
/// The current backend is chosen for a scope by `withBackend(_:_:)`, for a process by the environment variable
/// `DESCENT_BACKEND`, and is the CPU otherwise. Tensors take part in every backend's plans, whichever computed them.
public struct Backend: Sendable, Hashable, CustomStringConvertible {
  /// What does the work.
  package let engine: any BackendEngine

  /// The processor's cores, through native libraries where they are found.
  public static let cpu = Backend(CPUBackend())

  /// The operations' reference evaluation: each operation in Float64, written to be obviously right, then rounded to its
  /// element type. Slower than the CPU by orders of magnitude, it tells whether a surprising result is the program's or a
  /// kernel's.
  public static let reference = Backend(ReferenceBackend())

  /// All backends.
  public static let all: [Backend] = [.cpu, .reference]

  package init(_ engine: any BackendEngine) { self.engine = engine }

  /// The backend of a name, `nil` where there is none.
  public init?(named name: String) {
    guard let found = Self.all.first(where: { $0.name == name }) else { return nil }
    self = found
  }

  /// The name, such as `cpu`.
  public var name: String { engine.name }
  /// The name, such as `cpu`.
  public var description: String { name }

  /// Whether both are the same backend.
  public static func == (a: Backend, b: Backend) -> Bool { a.name == b.name }
  /// Hashes the name.
  public func hash(into hasher: inout Hasher) { hasher.combine(name) }

  /// The backend that computes tensors here.
  ///
  /// Where `DESCENT_BACKEND` names none, this is one of that name which refuses to compute anything, with the names that
  /// there are.
  public static var current: Backend { scoped ?? initial }

  @TaskLocal static var scoped: Backend?

  private static let initial = chosen(by: ProcessInfo.processInfo.environment["DESCENT_BACKEND"])

  /// The backend that the environment names; the CPU where it names none.
  static func chosen(by name: String?) -> Backend {
    guard let name, !name.isEmpty else { return .cpu }
    return Backend(named: name) ?? Backend(MissingBackend(name: name))
  }

  /// The working memory that backends keep.
  package static var kept: [any KeptMemory] { all.compactMap(\.engine.keptMemory) }
}

/// Calls a function whose tensors are computed by a backend.
///
/// ```swift
/// let doubtful = try loss(model, batch).item()
/// let right = try withBackend(.reference) { try loss(model, batch).item() }
/// ```
///
/// Tensors that were computed before are not computed again. What is compiled within is compiled for the backend. Tasks
/// that the function starts inherit it, threads do not.
///
/// - Throws: what the function throws.
public func withBackend<Result>(_ backend: Backend, _ body: () throws -> Result) rethrows -> Result {
  try Backend.$scoped.withValue(backend, operation: body)
}
