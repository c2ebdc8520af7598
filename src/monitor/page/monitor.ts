/** The page's script. */
document.title = 'CSI Cameras';
