// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.spring;

import static dev.mcpmtls.spring.Programs.start;
import static dev.mcpmtls.spring.Programs.uri;
import static dev.mcpmtls.spring.Programs.whoami;
import static org.assertj.core.api.Assertions.assertThat;

import dev.mcpmtls.testkit.Issued;
import dev.mcpmtls.testkit.ThrowawayCa;
import dev.mcpmtls.tls.TlsProfile;
import dev.mcpmtls.transport.client.MtlsClientTransport;
import io.modelcontextprotocol.client.McpClient;
import io.modelcontextprotocol.client.McpSyncClient;
import java.math.BigInteger;
import java.nio.file.Path;
import java.security.cert.X509Certificate;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.boot.ssl.DefaultSslBundleRegistry;
import org.springframework.boot.ssl.SslBundle;
import org.springframework.boot.ssl.SslBundleKey;
import org.springframework.boot.ssl.SslBundles;
import org.springframework.boot.ssl.SslStoreBundle;

/** Spring Boot's SSL bundles in both directions, each followed when it changes. */
@Timeout(90)
class SpringBundlesIT {

    private final ThrowawayCa ca = ThrowawayCa.root("Bundle CA");

    @TempDir
    private Path directory;

    private McpSyncClient client(java.net.URI server) {
        Path credential = ca.client("planner").writeTo(directory.resolve("planner"), ca.certificate());
        return McpClient.sync(MtlsClientTransport.builder(server)
                        .tls(TlsProfile.strict(credential))
                        .build())
                .build();
    }

    @Test
    void aPemBundleServesAndItsUpdateIsInUseAtOnce() throws Exception {
        Path files = ca.server("whoami").writeTo(directory.resolve("server"), ca.certificate());
        String bundle = "spring.ssl.bundle.pem.mine.";
        try (var program = start(
                Programs.Server.class,
                bundle + "keystore.certificate=file:" + files.resolve("tls.crt"),
                bundle + "keystore.private-key=file:" + files.resolve("tls.key"),
                bundle + "truststore.certificate=file:" + files.resolve("ca.crt"),
                "mcp.mtls.server.ssl.bundle=mine")) {
            try (McpSyncClient client = client(uri(program))) {
                client.initialize();
                assertThat(whoami(client)).isEqualTo("spiffe://demo.local/agent/planner");
            }
            BigInteger before = serialSeen(uri(program));

            Issued renewed = ca.server("whoami");
            program.getBean(DefaultSslBundleRegistry.class)
                    .updateBundle(
                            "mine",
                            SslBundle.of(
                                    SslStoreBundle.of(renewed.keyStore("secret"), "secret", anchors(ca.certificate())),
                                    SslBundleKey.of("secret")));
            assertThat(serialSeen(uri(program)))
                    .isEqualTo(renewed.leaf().getSerialNumber())
                    .isNotEqualTo(before);

            program.getBean(DefaultSslBundleRegistry.class)
                    .updateBundle("mine", SslBundle.of(SslStoreBundle.of(null, null, anchors(ca.certificate()))));
            assertThat(serialSeen(uri(program))).isEqualTo(renewed.leaf().getSerialNumber());
        }
    }

    private static java.security.KeyStore anchors(X509Certificate anchor) throws Exception {
        var store = java.security.KeyStore.getInstance("PKCS12");
        store.load(null, null);
        store.setCertificateEntry("anchor", anchor);
        return store;
    }

    private BigInteger serialSeen(java.net.URI server) {
        Path credential = ca.client("planner").writeTo(directory.resolve("planner"), ca.certificate());
        MtlsClientTransport transport = MtlsClientTransport.builder(server)
                .tls(TlsProfile.strict(credential))
                .build();
        try (McpSyncClient client = McpClient.sync(transport).build()) {
            client.initialize();
            return transport.server().orElseThrow().peer().chain().leaf().getSerialNumber();
        }
    }

    @Test
    void aCredentialIsOfferedAsABundleThatFollowsItsFiles() throws Exception {
        Path credential = directory.resolve("offered");
        Issued first = ca.client("offered");
        first.writeTo(credential, ca.certificate());
        try (var program = start(Programs.Client.class, "mcp.mtls.ssl.bundles.web.credential=" + credential)) {
            SslBundles bundles = program.getBean(SslBundles.class);
            SslBundle bundle = bundles.getBundle("web");
            assertThat(serial(bundle)).isEqualTo(first.leaf().getSerialNumber());
            assertThat(bundle.createSslContext()).isNotNull();
            assertThat(bundle.getManagers().getTrustManagers()).hasSize(1);

            BlockingQueue<SslBundle> updates = new LinkedBlockingQueue<>();
            bundles.addBundleUpdateHandler("web", updates::add);
            Issued renewed = ca.client("offered");
            renewed.writeTo(credential, ca.certificate());
            SslBundle updated = updates.poll(20, TimeUnit.SECONDS);
            assertThat(updated).isNotNull();
            assertThat(serial(updated)).isEqualTo(renewed.leaf().getSerialNumber());
        }
    }

    private static BigInteger serial(SslBundle bundle) throws Exception {
        return ((X509Certificate) bundle.getStores()
                        .getKeyStore()
                        .getCertificate(bundle.getKey().getAlias()))
                .getSerialNumber();
    }
}
