// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.authority;

import dev.mcpmtls.identity.Identity;
import dev.mcpmtls.trust.Strength;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.Reader;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.PublicKey;
import java.util.ArrayList;
import java.util.List;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.Extensions;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.bouncycastle.openssl.PEMParser;
import org.bouncycastle.operator.OperatorCreationException;
import org.bouncycastle.operator.jcajce.JcaContentVerifierProviderBuilder;
import org.bouncycastle.pkcs.PKCS10CertificationRequest;
import org.bouncycastle.pkcs.PKCSException;
import org.bouncycastle.pkcs.jcajce.JcaPKCS10CertificationRequest;

/**
 * A request whose sender proved to hold its key (PKCS#10, RFC 2986). Its subject is ignored; the names it asks for are checked
 * against the grant. Immutable.
 */
public final class SigningRequest {

    private final PublicKey key;
    private final List<Identity> names;

    private SigningRequest(PublicKey key, List<Identity> names) {
        this.key = key;
        this.names = names;
    }

    /**
     * Parses a request and verifies its signature.
     *
     * @param pem a {@code CERTIFICATE REQUEST} block
     * @throws AuthorityException.Refused when it is no request, its signature does not verify, its key is weaker than
     *     our verifier accepts, or it asks for a name of a kind that is not issued here
     */
    public static SigningRequest parse(byte[] pem) {
        try {
            if (!(parsed(pem) instanceof PKCS10CertificationRequest request)) {
                throw new AuthorityException.Refused("this is no certificate request: a PEM block "
                        + "'CERTIFICATE REQUEST' is needed, as 'openssl req -new' makes it");
            }
            PublicKey key = new JcaPKCS10CertificationRequest(request).getPublicKey();
            Strength.weakness(key).ifPresent(weakness -> {
                throw new AuthorityException.Refused(
                        "the request's key is too weak (" + weakness + "); use EC P-256 or RSA 3072");
            });
            var verifier = new JcaContentVerifierProviderBuilder().build(key);
            if (!request.isSignatureValid(verifier)) {
                throw new AuthorityException.Refused(
                        "the request is not signed by the key it names: its sender does not prove to hold that key");
            }
            return new SigningRequest(key, names(request));
        } catch (IOException
                | GeneralSecurityException
                | OperatorCreationException
                | PKCSException
                | IllegalArgumentException e) {
            throw new AuthorityException.Refused("the certificate request cannot be used: " + e.getMessage(), e);
        }
    }

    /** The first PEM block, as BouncyCastle has it. */
    private static Object parsed(byte[] pem) throws IOException {
        try (Reader reader = new InputStreamReader(new ByteArrayInputStream(pem), StandardCharsets.US_ASCII);
                PEMParser parser = new PEMParser(reader)) {
            Object object = parser.readObject();
            if (object == null) {
                throw new IOException("no PEM block in it");
            }
            return object;
        }
    }

    /** The key to certify. */
    public PublicKey key() {
        return key;
    }

    /** The names it asks for; may be empty. */
    public List<Identity> names() {
        return names;
    }

    /** Refuses a request for names that the grant does not hold. */
    void checkAgainst(Grant grant) {
        List<Identity> excess = new ArrayList<>(names);
        excess.removeAll(grant.names());
        if (!excess.isEmpty()) {
            throw new AuthorityException.Refused("the request asks for "
                    + String.join(", ", excess.stream().map(GrantedNames::text).toList())
                    + ", which '" + grant.name() + "' is not granted; grant it, or have the request made without");
        }
    }

    private static List<Identity> names(PKCS10CertificationRequest request) {
        Extensions extensions = request.getRequestedExtensions();
        if (extensions == null) {
            return List.of();
        }
        GeneralNames names = GeneralNames.fromExtensions(extensions, Extension.subjectAlternativeName);
        return names == null ? List.of() : GrantedNames.parse(names);
    }
}
