import DescentFiles
import Foundation

extension DigitImages {
  /// The 1,797 digits of 8×8 pixels that ship with this package.
  ///
  /// They are the test part of *Optical Recognition of Handwritten Digits* (E. Alpaydin, C. Kaynak, UCI Machine
  /// Learning Repository, 1998, doi 10.24432/C50P49), CC BY 4.0.
  ///
  /// - Throws: `FileError` where the resource is not found with the program; it says where it was looked for.
  public static func shipped() throws -> DigitImages {
    let name = "optdigits.csv"
    let places = resourceDirectories().map { "\($0)/\(name)" }
    for place in places where FileSystem.kind(at: place) != nil { return try optdigits(place) }
    throw FileError(
      name,
      """
      the digits shipped with Descent are not next to the program; looked for \(places.joined(separator: ", ")); \
      copy \(bundleName) there or name its directory in DESCENT_RESOURCES
      """)
  }

  /// The name that the package manager gives to this module's resources: package, target, suffix.
  private static let bundleName = "Descent_DescentData.resources"

  /// Where the resources may lie. The generated `Bundle.module` is not asked, because it ends the process where it
  /// finds nothing.
  private static func resourceDirectories() -> [String] {
    var directories: [String] = []
    if let named = ProcessInfo.processInfo.environment["DESCENT_RESOURCES"], !named.isEmpty {
      directories += [named, "\(named)/\(bundleName)"]
    }
    let executable = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath().path
    let parents = [FileSystem.parent(of: executable), Bundle.main.bundlePath, Bundle.main.resourcePath].compactMap(
      \.self)
    for parent in parents {
      let place = "\(parent)/\(bundleName)"
      if !directories.contains(place) { directories.append(place) }
    }
    return directories
  }
}
