package import Hummingbird

/// What travels with one request.
package struct APIContext: RequestContext {
    package var coreContext: CoreRequestContextStorage

    package init(source: ApplicationRequestContextSource) {
        coreContext = CoreRequestContextStorage(source: source)
    }

    /// Form bodies of queries; remote-write bodies have a limit of their own.
    package var maxUploadSize: Int { 4 << 20 }
}
