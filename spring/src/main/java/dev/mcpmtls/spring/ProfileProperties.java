// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.spring;

import dev.mcpmtls.trust.Relaxation;
import dev.mcpmtls.trust.Tolerance;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The settings that servers and clients share: our certificate, and the peers that we accept. */
public abstract class ProfileProperties {

    /** Directory with tls.crt, tls.key and ca.crt, for example .mcp-mtls/credentials/weather. Changed files are read again. */
    private @Nullable Path credential;

    private final Ssl ssl = new Ssl();

    /** Files of certificate authorities, in place of the credential's ca.crt or the bundle's trust store. */
    private List<Anchor> trustAnchors = new ArrayList<>();

    /** CRL files (PEM or DER). Revoked peers are refused, also on connections that are open. */
    private List<Path> revocationLists = new ArrayList<>();

    /** Checks that are recorded instead of enforced, for demonstrations. A server with any listens on loopback addresses only. */
    private Set<Relaxation> relax = EnumSet.noneOf(Relaxation.class);

    /** Faults of form of private authorities that are allowed. */
    private Set<Tolerance> tolerate = EnumSet.noneOf(Tolerance.class);

    public @Nullable Path getCredential() {
        return credential;
    }

    public void setCredential(@Nullable Path credential) {
        this.credential = credential;
    }

    public Ssl getSsl() {
        return ssl;
    }

    public List<Anchor> getTrustAnchors() {
        return trustAnchors;
    }

    public void setTrustAnchors(List<Anchor> trustAnchors) {
        this.trustAnchors = trustAnchors;
    }

    public List<Path> getRevocationLists() {
        return revocationLists;
    }

    public void setRevocationLists(List<Path> revocationLists) {
        this.revocationLists = revocationLists;
    }

    public Set<Relaxation> getRelax() {
        return relax;
    }

    public void setRelax(Set<Relaxation> relax) {
        this.relax = relax;
    }

    public Set<Tolerance> getTolerate() {
        return tolerate;
    }

    public void setTolerate(Set<Tolerance> tolerate) {
        this.tolerate = tolerate;
    }

    /** Whether our certificate is given at all. */
    boolean namesCredential() {
        return credential != null || ssl.getBundle() != null;
    }

    /** A bundle of Spring Boot's in place of files. */
    public static final class Ssl {

        /** Name of an SSL bundle with a key store and a trust store. A bundle that is updated is in use at once. */
        private @Nullable String bundle;

        public @Nullable String getBundle() {
            return bundle;
        }

        public void setBundle(@Nullable String bundle) {
            this.bundle = bundle;
        }
    }

    /** A file of certificate authorities with the names that they may vouch for. */
    public static final class Anchor {

        /** PEM certificates, or a SPIFFE bundle. */
        private @Nullable Path file;

        /** The only names that these authorities may vouch for, for example spiffe://partner.example/** or dns:*.example.com. */
        private List<String> names = new ArrayList<>();

        public @Nullable Path getFile() {
            return file;
        }

        public void setFile(@Nullable Path file) {
            this.file = file;
        }

        public List<String> getFor() {
            return names;
        }

        public void setFor(List<String> names) {
            this.names = names;
        }
    }
}
