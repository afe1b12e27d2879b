/// The version of this Descent: that of the next release, with "-dev" until `CHANGELOG.md` has a section of its own for it.
package let descentVersion = "0.1.0-dev"
