package import Hummingbird

/// What travels with one request.
package struct APIContext: RequestContext {
    package var coreContext: CoreRequestContextStorage
    /// Who asked; nil where there is no connection, as in tests of routes.
    let client: ClientPresence?

    package init(source: ApplicationRequestContextSource) {
        coreContext = CoreRequestContextStorage(source: source)
        client = ClientPresence.current
    }

    /// Form bodies of queries; remote-write bodies have a limit of their own.
    package var maxUploadSize: Int { 4 << 20 }
}
