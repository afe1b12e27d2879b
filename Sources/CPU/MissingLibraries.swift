import CNative
import Foundation
import Logging

/// Tells once, in one line of the log, which native libraries the plans of this process do without.
enum MissingLibraries {
  /// Says it, on the first call. Libraries that the user switched off are not missed.
  static func mention() { _ = mentioned }

  private static let mentioned: Void = {
    guard ProcessInfo.processInfo.environment["DESCENT_NATIVE"] == nil else { return }
    // One library for products is enough, and OpenBLAS has linear algebra as well.
    let hasProducts = dn_library_available(DN_LIB_BLIS) || dn_library_available(DN_LIB_OPENBLAS)
    var missing = !dn_lapack_available() ? [DN_LIB_OPENBLAS] : hasProducts ? [] : [DN_LIB_BLIS]
    missing += [DN_LIB_ONEDNN, DN_LIB_GOMP].filter { !dn_library_available($0) }
    guard !missing.isEmpty else { return }
    let packages = missing.map { String(cString: dn_library_package($0)) }.joined(separator: " ")
    let costs = missing.map { String(cString: dn_library_cost($0)) }.joined(separator: "; ")
    Logger(label: "descent").notice("\(costs): sudo apt-get install \(packages)")
  }()
}
