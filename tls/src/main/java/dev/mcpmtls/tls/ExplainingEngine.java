// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.tls;

import dev.mcpmtls.tls.handshake.HandshakeLog;
import dev.mcpmtls.tls.handshake.Hellos;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.util.Objects;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLEngineResult;
import javax.net.ssl.SSLEngineResult.HandshakeStatus;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSession;
import org.jspecify.annotations.Nullable;

/** JSSE's engine, whose exceptions say what the server's alert means and what to do ({@link ExplainedFailure}). */
final class ExplainingEngine extends SSLEngine {

    private static final String UNNAMED = "unnamed";

    private final SSLEngine engine;
    private final ExplainedFailure failures;
    private final Hellos hellos;

    /** @param hellos hears those of the connection */
    ExplainingEngine(SSLEngine engine, HandshakeLog log, Hellos hellos) {
        this.engine = engine;
        this.hellos = hellos;
        this.failures = new ExplainedFailure(
                log,
                hellos,
                () -> InetSocketAddress.createUnresolved(
                        Objects.requireNonNullElse(engine.getPeerHost(), UNNAMED), Math.max(engine.getPeerPort(), 0)));
    }

    @Override
    public SSLEngineResult wrap(ByteBuffer[] from, int offset, int length, ByteBuffer to) throws SSLException {
        int start = to.position();
        try {
            SSLEngineResult result = engine.wrap(from, offset, length, to);
            if (hellos.sentWanted() > 0) {
                byte[] sent = part(to, start, result.bytesProduced());
                hellos.sent(sent, 0, sent.length);
            }
            return result;
        } catch (SSLException e) {
            throw failures.of(e);
        }
    }

    @Override
    public SSLEngineResult unwrap(ByteBuffer from, ByteBuffer[] to, int offset, int length) throws SSLException {
        // Consumed bytes may have been decrypted in place.
        byte[] records = hellos.receivedWanted() > 0 ? part(from, from.position(), from.remaining()) : new byte[0];
        try {
            SSLEngineResult result = engine.unwrap(from, to, offset, length);
            hellos.received(records, 0, Math.min(records.length, result.bytesConsumed()));
            if (result.bytesProduced() > 0) {
                failures.served();
            }
            return result;
        } catch (SSLException e) {
            throw failures.of(e);
        }
    }

    private static byte[] part(ByteBuffer buffer, int start, int length) {
        byte[] part = new byte[length];
        buffer.duplicate().position(start).get(part);
        return part;
    }

    @Override
    public @Nullable String getPeerHost() {
        return engine.getPeerHost();
    }

    @Override
    public int getPeerPort() {
        return engine.getPeerPort();
    }

    @Override
    public @Nullable Runnable getDelegatedTask() {
        return engine.getDelegatedTask();
    }

    @Override
    public void closeInbound() throws SSLException {
        engine.closeInbound();
    }

    @Override
    public boolean isInboundDone() {
        return engine.isInboundDone();
    }

    @Override
    public void closeOutbound() {
        engine.closeOutbound();
    }

    @Override
    public boolean isOutboundDone() {
        return engine.isOutboundDone();
    }

    @Override
    public String[] getSupportedCipherSuites() {
        return engine.getSupportedCipherSuites();
    }

    @Override
    public String[] getEnabledCipherSuites() {
        return engine.getEnabledCipherSuites();
    }

    @Override
    public void setEnabledCipherSuites(String[] names) {
        engine.setEnabledCipherSuites(names);
    }

    @Override
    public String[] getSupportedProtocols() {
        return engine.getSupportedProtocols();
    }

    @Override
    public String[] getEnabledProtocols() {
        return engine.getEnabledProtocols();
    }

    @Override
    public void setEnabledProtocols(String[] names) {
        engine.setEnabledProtocols(names);
    }

    @Override
    public SSLSession getSession() {
        return engine.getSession();
    }

    @Override
    public @Nullable SSLSession getHandshakeSession() {
        return engine.getHandshakeSession();
    }

    @Override
    public void beginHandshake() throws SSLException {
        engine.beginHandshake();
    }

    @Override
    public HandshakeStatus getHandshakeStatus() {
        return engine.getHandshakeStatus();
    }

    @Override
    public void setUseClientMode(boolean on) {
        engine.setUseClientMode(on);
    }

    @Override
    public boolean getUseClientMode() {
        return engine.getUseClientMode();
    }

    @Override
    public void setNeedClientAuth(boolean on) {
        engine.setNeedClientAuth(on);
    }

    @Override
    public boolean getNeedClientAuth() {
        return engine.getNeedClientAuth();
    }

    @Override
    public void setWantClientAuth(boolean on) {
        engine.setWantClientAuth(on);
    }

    @Override
    public boolean getWantClientAuth() {
        return engine.getWantClientAuth();
    }

    @Override
    public void setEnableSessionCreation(boolean on) {
        engine.setEnableSessionCreation(on);
    }

    @Override
    public boolean getEnableSessionCreation() {
        return engine.getEnableSessionCreation();
    }

    @Override
    public SSLParameters getSSLParameters() {
        return engine.getSSLParameters();
    }

    @Override
    public void setSSLParameters(SSLParameters parameters) {
        engine.setSSLParameters(parameters);
    }

    @Override
    public @Nullable String getApplicationProtocol() {
        return engine.getApplicationProtocol();
    }

    @Override
    public @Nullable String getHandshakeApplicationProtocol() {
        return engine.getHandshakeApplicationProtocol();
    }
}
