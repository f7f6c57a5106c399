// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.tls.reload;

import dev.mcpmtls.identity.Credential;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A credential that can be replaced while it is in use: new handshakes present the replacement, open connections go on.
 * To reload files, load first and replace only after success, so that a bad file leaves the last good credential in place.
 */
public final class ReplaceableCredential implements CredentialSource {

    private static final Logger LOG = LoggerFactory.getLogger(ReplaceableCredential.class);

    private final List<Runnable> listeners = new CopyOnWriteArrayList<>();
    private volatile Credential current;

    /** Starts with {@code first}. */
    public ReplaceableCredential(Credential first) {
        this.current = first;
    }

    @Override
    public Credential current() {
        return current;
    }

    /** Presents {@code next} from the next handshake on, and notifies all listeners, whatever becomes of one. */
    public void replace(Credential next) {
        current = next;
        listeners.forEach(ReplaceableCredential::notify);
    }

    private static void notify(Runnable listener) {
        try {
            listener.run();
        } catch (RuntimeException e) {
            LOG.error("a part of the program that follows a credential failed; the credential is in use", e);
        }
    }

    @Override
    public Subscription onChange(Runnable listener) {
        listeners.add(listener);
        return () -> listeners.remove(listener);
    }
}
