// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.runtime;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.params.provider.EnumSource.Mode.EXCLUDE;

import dev.mcpmtls.runtime.settings.Keys;
import dev.mcpmtls.runtime.settings.Settings;
import dev.mcpmtls.testkit.Issued;
import dev.mcpmtls.testkit.ThrowawayCa;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.Locale;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManager;
import javax.net.ssl.X509TrustManager;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Credentials from the tools that issue them in fleets: a server starts on their files, and follows when they replace them in their way. */
@Timeout(90)
class IssuersIT {

    private static final ThrowawayCa ROOT = ThrowawayCa.root("Fleet Root");
    private static final ThrowawayCa CA = ROOT.intermediate("Fleet Intermediate");
    private static final Duration SOON = Duration.ofSeconds(30);

    @TempDir
    private Path directory;

    /** How the files of a credential come to be and are replaced, in the order in which the tool writes them. */
    enum Issuer {
        /** cert-manager's CSI driver, and the Secrets of Kubernetes: a new directory, and one link that is moved to it. */
        CERT_MANAGER {
            @Override
            void write(Path to, Issued issued) throws IOException {
                Path version = Files.createTempDirectory(to, "..2026_");
                Files.setPosixFilePermissions(version, PosixFilePermissions.fromString("rwxr-xr-x"));
                put(version.resolve("tls.crt"), chain(issued), "rw-r--r--");
                put(version.resolve("tls.key"), key(issued), "rw-------");
                put(version.resolve("ca.crt"), anchor(), "rw-r--r--");
                Path next = Files.createSymbolicLink(to.resolve("..data_tmp"), version.getFileName());
                Path data = to.resolve("..data");
                Path before = Files.exists(data) ? to.resolve(Files.readSymbolicLink(data)) : null;
                Files.move(next, data, StandardCopyOption.ATOMIC_MOVE);
                for (String name : new String[] {"tls.crt", "tls.key", "ca.crt"}) {
                    if (!Files.exists(to.resolve(name))) {
                        Files.createSymbolicLink(to.resolve(name), Path.of("..data", name));
                    }
                }
                if (before != null) {
                    try (Stream<Path> old = Files.list(before)) {
                        old.forEach(file -> file.toFile().delete());
                    }
                    Files.delete(before);
                }
            }
        },
        /** spiffe-helper in front of SPIRE's agent: the chain, the key and the bundle, each in place. */
        SPIRE {
            @Override
            void write(Path to, Issued issued) throws IOException {
                put(to.resolve("tls.crt"), chain(issued), "rw-r--r--");
                put(to.resolve("tls.key"), key(issued), "rw-------");
                put(to.resolve("ca.crt"), anchor(), "rw-r--r--");
            }
        },
        /** {@code step ca rekey}: the chain, then the key, in place; the root once, by {@code step ca root}. */
        STEP {
            @Override
            void write(Path to, Issued issued) throws IOException {
                put(to.resolve("tls.crt"), chain(issued), "rw-------");
                put(to.resolve("tls.key"), key(issued), "rw-------");
                if (!Files.exists(to.resolve("ca.crt"))) {
                    put(to.resolve("ca.crt"), anchor(), "rw-------");
                }
            }
        },
        /** Vault agent's templates: each file is written beside the old one and moved over it. */
        VAULT {
            @Override
            void write(Path to, Issued issued) throws IOException {
                moved(to.resolve("tls.key"), key(issued));
                moved(to.resolve("tls.crt"), chain(issued));
                moved(to.resolve("ca.crt"), anchor());
            }

            private void moved(Path file, String text) throws IOException {
                Path beside = Files.createTempFile(file.getParent(), "", "");
                put(beside, text, "rw-------");
                Files.move(beside, file, StandardCopyOption.ATOMIC_MOVE);
            }
        };

        abstract void write(Path to, Issued issued) throws IOException;

        static void put(Path file, String text, String mode) throws IOException {
            Files.writeString(file, text);
            Files.setPosixFilePermissions(file, PosixFilePermissions.fromString(mode));
        }

        static String chain(Issued issued) {
            return issued.chain().stream().map(IssuersIT::pem).collect(Collectors.joining());
        }

        static String key(Issued issued) {
            return Issued.pem("PRIVATE KEY", issued.privateKey().getEncoded());
        }

        static String anchor() {
            return pem(ROOT.certificate());
        }
    }

    @ParameterizedTest
    @EnumSource
    void aServerFollowsItsIssuer(Issuer issuer) throws Exception {
        Path files = Files.createDirectory(directory.resolve(issuer.name().toLowerCase(Locale.ROOT)));
        Issued first = CA.server("echo");
        issuer.write(files, first);
        try (RunningServers running = RunningServers.start(settings(files), Keys.ECHO)) {
            assertThat(presented(running)).isEqualTo(first.leaf());

            for (int renewal = 0; renewal < 2; renewal++) {
                Issued next = CA.server("echo");
                issuer.write(files, next);
                await(() -> presented(running).equals(next.leaf()));
            }
            assertThat(audited()).doesNotContain("credential-reload-failed");
        }
    }

    /** The tool died between two files: the pair that fits is used until the other file comes. */
    @ParameterizedTest
    @EnumSource(mode = EXCLUDE, names = "CERT_MANAGER")
    void aServerKeepsItsCredentialWhileTheNextIsHalfWritten(Issuer issuer) throws Exception {
        Path files = Files.createDirectory(directory.resolve(issuer.name().toLowerCase(Locale.ROOT)));
        Issued first = CA.server("echo");
        issuer.write(files, first);
        try (RunningServers running = RunningServers.start(settings(files), Keys.ECHO)) {
            Issued next = CA.server("echo");
            Issuer.put(files.resolve("tls.crt"), Issuer.chain(next), "rw-------");

            await(() -> audited().contains("credential-reload-failed"));
            assertThat(presented(running)).isEqualTo(first.leaf());

            issuer.write(files, next);
            await(() -> presented(running).equals(next.leaf()));
        }
    }

    private Settings settings(Path files) throws IOException {
        Path file = directory.resolve("mcp-mtls.yaml");
        Files.writeString(file, """
                dir: '%s'
                servers: {echo: {listen: '127.0.0.1:0', credential: '%s'}}
                tls: {trust-anchors: ['%s']}
                audit: {sync: always}
                """.formatted(
                        Files.createDirectories(directory.resolve("store")), files, files.resolve("ca.crt")));
        return Settings.load(file);
    }

    private String audited() {
        try {
            return Files.readString(directory.resolve("store/audit.jsonl"));
        } catch (IOException e) {
            return "";
        }
    }

    /** The certificate that a new connection is shown. */
    private static X509Certificate presented(RunningServers running) {
        try {
            SSLContext anybody = SSLContext.getInstance("TLS");
            anybody.init(null, new TrustManager[] {new Believer()}, null);
            int port = running.member("echo").uri().getPort();
            try (SSLSocket socket = (SSLSocket) anybody.getSocketFactory().createSocket("127.0.0.1", port)) {
                socket.setSoTimeout(20_000);
                socket.startHandshake();
                return (X509Certificate) socket.getSession().getPeerCertificates()[0];
            }
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }

    /** The certificate is looked at, not trusted. */
    private static final class Believer implements X509TrustManager {
        @Override
        public void checkClientTrusted(X509Certificate[] chain, String type) {}

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String type) {}

        @Override
        public X509Certificate[] getAcceptedIssuers() {
            return new X509Certificate[0];
        }
    }

    private static String pem(X509Certificate certificate) {
        try {
            return Issued.pem("CERTIFICATE", certificate.getEncoded());
        } catch (java.security.cert.CertificateEncodingException e) {
            throw new IllegalStateException(e);
        }
    }

    private static void await(BooleanSupplier condition) {
        long end = System.nanoTime() + SOON.toNanos();
        while (!condition.getAsBoolean()) {
            assertThat(System.nanoTime()).as("in time").isLessThan(end);
            LockSupport.parkNanos(50_000_000);
        }
    }
}
