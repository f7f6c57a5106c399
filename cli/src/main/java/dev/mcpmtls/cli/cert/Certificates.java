// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.cli.cert;

import dev.mcpmtls.audit.AuditSink;
import dev.mcpmtls.authority.Authority;
import dev.mcpmtls.authority.Issued;
import dev.mcpmtls.authority.Store;
import dev.mcpmtls.authority.Surroundings;
import dev.mcpmtls.cli.invocation.ExitCode;
import dev.mcpmtls.cli.invocation.Failure;
import dev.mcpmtls.cli.invocation.ShellWords;
import dev.mcpmtls.identity.Chain;
import dev.mcpmtls.identity.Credential;
import dev.mcpmtls.identity.UnusableCredentialException;
import dev.mcpmtls.remedy.Act;
import dev.mcpmtls.remedy.Act.Verb;
import dev.mcpmtls.remedy.Remedy;
import dev.mcpmtls.runtime.ConfiguredCredentials;
import dev.mcpmtls.runtime.SetupException;
import dev.mcpmtls.runtime.Stores;
import dev.mcpmtls.runtime.settings.BadSettingException;
import dev.mcpmtls.runtime.settings.Keys;
import dev.mcpmtls.runtime.settings.ServerUrl;
import dev.mcpmtls.runtime.settings.Settings;
import dev.mcpmtls.tls.handshake.HandshakeFailure;
import dev.mcpmtls.tls.probe.TlsProbe;
import java.io.IOException;
import java.io.InputStream;
import java.math.BigInteger;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.file.AccessMode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/** Finds certificates in the store, in files elsewhere and at servers. Reads keys only to see whether they belong to them. */
public final class Certificates {

    /** A remedy that is for credentials of the store. */
    private static final Duration PATIENCE = Duration.ofSeconds(10);

    private final Settings settings;
    private final Store store;
    private final Set<BigInteger> revoked;
    private final List<String> unreadable = new ArrayList<>();

    public Certificates(Settings settings) {
        this.settings = settings;
        store = Store.at(settings.get(Keys.DIR));
        revoked = store.hasAuthority() ? revoked(store) : Set.of();
    }

    /** Every credential in the store that can be read. */
    List<CertificateView> all() {
        Stores.requireAccess(store.directory().resolve("credentials"), AccessMode.READ);
        List<String> names = store.credentialNames();
        if (names.isEmpty()) {
            throw new Failure(
                    ExitCode.USAGE,
                    List.of(
                            "there are no credentials in " + store.directory(),
                            "run 'mcp-mtls init" + ShellWords.sameDir(settings) + "', or check --dir"));
        }
        List<CertificateView> views = new ArrayList<>();
        for (String name : names) {
            try {
                views.add(find(name));
            } catch (UnusableCredentialException | SetupException e) {
                unreadable.add(name + ": " + e.getMessage());
            } catch (Failure e) {
                unreadable.add(name + ": " + String.join("; ", e.lines()));
            }
        }
        return views;
    }

    /** The reasons why others cannot be read, after {@link #all}. */
    List<String> unreadable() {
        return List.copyOf(unreadable);
    }

    /** A credential of the store, a file in PEM, DER or PKCS#12, or the certificate of a server at an address. */
    public CertificateView find(String nameFileOrUrl) {
        if (isUrl(nameFileOrUrl)) {
            return view(nameFileOrUrl, presented(nameFileOrUrl), Optional.empty());
        }
        Path location = location(nameFileOrUrl);
        try {
            return view(nameFileOrUrl, stored(certificate(location)), fault(location));
        } catch (UnusableCredentialException e) {
            throw new UnusableCredentialException(told(e, rekey(location)), e);
        }
    }

    private CertificateView view(String name, Chain chain, Optional<String> fault) {
        return new CertificateView(
                name, chain, fault, revoked.contains(chain.leaf().getSerialNumber()), Instant.now());
    }

    /** Why a directory is no credential although its certificate can be read; of a key that we may not read, nothing. */
    private Optional<String> fault(Path location) {
        Path key = location.resolve(Credential.KEY_FILE);
        if (!Files.isDirectory(location) || (Files.exists(key) && !Files.isReadable(key))) {
            return Optional.empty();
        }
        if (!Files.exists(key)) {
            return Optional.of(key + " does not exist; restore it" + or(rekey(location)));
        }
        try {
            ConfiguredCredentials.load(settings, location);
            return Optional.empty();
        } catch (UnusableCredentialException e) {
            return Optional.of(told(e, rekey(location)));
        }
    }

    /** The failure's message, and the act that makes a new key where that is one for it and the message names none. */
    private static String told(UnusableCredentialException e, Optional<Act> rekey) {
        boolean namesAnAct =
                e.remedy().stream().anyMatch(remedy -> !remedy.acts().isEmpty());
        return e.getMessage() + (namesAnAct ? "" : or(rekey));
    }

    private static String or(Optional<Act> act) {
        return act.map(it -> Remedy.of(", or ").then(it).text()).orElse("");
    }

    /** The act that makes a new key, for a credential of a store with its authority. */
    private Optional<Act> rekey(Path location) {
        boolean isOurs =
                store.hasAuthority() && store.directory().resolve("credentials").equals(location.getParent());
        return isOurs ? Optional.of(Act.on(Verb.REKEY, String.valueOf(location.getFileName()))) : Optional.empty();
    }

    /** The reader of anchors reads any certificates in PEM or DER, in the order in which they stand. */
    private Chain stored(Path file) {
        return isPkcs12(file) ? ConfiguredCredentials.load(settings, file).chain() : Chain.load(file);
    }

    /** Whether it begins as RFC 7292 section 4 has it: a sequence, and in it version 3. */
    private static boolean isPkcs12(Path file) {
        try (InputStream in = Files.newInputStream(file)) {
            byte[] head = in.readNBytes(9);
            int content = head.length < 2 || head[1] >= 0 ? 2 : 2 + (head[1] & 0x7f);
            return head.length >= content + 3
                    && head[0] == 0x30
                    && Arrays.equals(head, content, content + 3, new byte[] {2, 1, 3}, 0, 3);
        } catch (IOException e) {
            return false; // the next attempt to read it reports the cause
        }
    }

    private static boolean isUrl(String text) {
        return text.matches("(?is)https?://.*");
    }

    /** Shown without verifying it; no certificate of ours is presented. */
    private static Chain presented(String url) {
        URI uri = uri(url);
        InetSocketAddress address = new InetSocketAddress(host(uri), uri.getPort() < 0 ? 443 : uri.getPort());
        try (TlsProbe probe = TlsProbe.connect(address, host(uri), PATIENCE)) {
            return probe.chain()
                    .orElseThrow(() -> new Failure(
                            ExitCode.REFUSED,
                            List.of(
                                    url + " presents no certificate: "
                                            + probe.failure()
                                                    .map(HandshakeFailure::why)
                                                    .orElse("no reason given"),
                                    "'mcp-mtls doctor " + url + "' looks closer")));
        } catch (IOException e) {
            String why = address.isUnresolved() ? "no such host" : String.valueOf(e.getMessage());
            throw new Failure(
                    ExitCode.UNREACHABLE,
                    List.of("cannot connect to " + url + ": " + why, "start the server, or check host and port"),
                    e);
        }
    }

    private static URI uri(String url) {
        try {
            return ServerUrl.parse(url);
        } catch (IllegalArgumentException e) {
            throw new BadSettingException(String.valueOf(e.getMessage()));
        }
    }

    private static String host(URI uri) {
        String host = uri.getHost();
        return host.startsWith("[") ? host.substring(1, host.length() - 1) : host;
    }

    /** The trust anchor that lies beside a certificate and issued the last one of its chain. */
    Optional<X509Certificate> anchor(CertificateView view) {
        if (isUrl(view.name())) {
            return Optional.empty();
        }
        Path anchors = certificate(location(view.name())).resolveSibling("ca.crt");
        if (!Files.exists(anchors)) {
            return Optional.empty();
        }
        List<X509Certificate> chain = view.chain().certificates();
        X509Certificate last = chain.get(chain.size() - 1);
        return Chain.load(anchors).certificates().stream()
                .filter(anchor -> anchor.getSubjectX500Principal().equals(last.getIssuerX500Principal()))
                .findFirst();
    }

    /** The chain file in a credential's directory, or the file itself. */
    private static Path certificate(Path location) {
        return Files.isRegularFile(location) ? location : location.resolve(Credential.CHAIN_FILE);
    }

    private Path location(String nameOrFile) {
        Path path = nameOrFile.contains("/") || Files.isRegularFile(Path.of(nameOrFile))
                ? Path.of(nameOrFile)
                : store.credential(Stores.credentialName(nameOrFile));
        Stores.requireAccess(path);
        if (Files.isSymbolicLink(path) && !Files.exists(path)) {
            throw new Failure(
                    ExitCode.USAGE,
                    List.of(path + " is a broken link: its files are gone", "restore them" + or(rekey(path))));
        }
        if (!Files.exists(path)) {
            throw new Failure(
                    ExitCode.USAGE,
                    List.of(
                            "there is no credential or file '" + nameOrFile + "'",
                            "'mcp-mtls cert list' shows those of the store"));
        }
        return path;
    }

    private static Set<BigInteger> revoked(Store store) {
        try (Authority authority = Authority.open(store, Optional.empty(), Surroundings.system(AuditSink.none()))) {
            return authority.issued().stream()
                    .filter(issued -> issued.revocation().isPresent())
                    .map(Issued::serialNumber)
                    .collect(Collectors.toUnmodifiableSet());
        }
    }
}
