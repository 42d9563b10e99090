const frames = panel.querySelectorAll('[data-frame]');
sliding(panel, function (at) { frames.forEach(function (frame, i) { frame.hidden = i !== at; }); });
