// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.spring;

import static org.assertj.core.api.Assertions.assertThat;

import dev.mcpmtls.audit.AuditSink;
import dev.mcpmtls.testkit.Issued;
import dev.mcpmtls.testkit.ThrowawayCa;
import dev.mcpmtls.tls.TlsProfile;
import dev.mcpmtls.tls.reload.FileWatch;
import dev.mcpmtls.trust.Purpose;
import java.security.KeyStore;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.springframework.boot.ssl.DefaultSslBundleRegistry;
import org.springframework.boot.ssl.SslBundle;
import org.springframework.boot.ssl.SslBundleKey;
import org.springframework.boot.ssl.SslStoreBundle;

class ProfilesTest {

    private final ThrowawayCa ca = ThrowawayCa.root("Bundle CA");

    /** Spring calls the handlers of a bundle in turn, and none after one that throws. */
    @Test
    void anUpdateThatCannotBeReadReachesTheOtherHandlersAndTheNextOneIsTaken() throws Exception {
        Issued first = ca.server("whoami");
        DefaultSslBundleRegistry bundles = new DefaultSslBundleRegistry("mine", bundle(first));
        List<SslBundle> seen = new ArrayList<>();
        try (FileWatch watch = new FileWatch(AuditSink.none(), InstantSource.system())) {
            TlsProfile profile = new Profiles(watch, AuditSink.none(), bundles)
                    .profile("mcp.mtls.server", settings(), Purpose.SERVER);
            bundles.addBundleUpdateHandler("mine", seen::add);

            bundles.updateBundle("mine", SslBundle.of(new Unreadable()));

            assertThat(seen).hasSize(1);
            assertThat(profile.credential().chain().leaf()).isEqualTo(first.leaf());
            Issued renewed = ca.server("whoami");
            bundles.updateBundle("mine", bundle(renewed));
            assertThat(seen).hasSize(2);
            assertThat(profile.credential().chain().leaf()).isEqualTo(renewed.leaf());
        }
    }

    private static ProfileProperties settings() {
        ProfileProperties settings = new ProfileProperties() {};
        settings.getSsl().setBundle("mine");
        return settings;
    }

    private SslBundle bundle(Issued issued) throws Exception {
        KeyStore anchors = KeyStore.getInstance("PKCS12");
        anchors.load(null, null);
        anchors.setCertificateEntry("anchor", ca.certificate());
        return SslBundle.of(SslStoreBundle.of(issued.keyStore("secret"), "secret", anchors), SslBundleKey.of("secret"));
    }

    private static final class Unreadable implements SslStoreBundle {
        @Override
        public KeyStore getKeyStore() {
            throw new IllegalStateException("the disk is gone");
        }

        @Override
        public String getKeyStorePassword() {
            return "";
        }

        @Override
        public KeyStore getTrustStore() {
            throw new IllegalStateException("the disk is gone");
        }
    }
}
